import { z } from "zod";
import type { ClusterResources } from "#protocol/control/cluster-resources.ts";
import type { KubernetesApi } from "../api-client.ts";
import { parseQuantity } from "./parse-quantity.ts";

/** A node lists the images it holds: ten to thirty kilobytes of JSON each. */
const NODES_PER_PAGE = 50;
/** Kubelet versions that are named; a cluster in the middle of an upgrade has two or three. */
const VERSIONS_MAX = 16;

const Node = z.object({
  spec: z.object({ unschedulable: z.boolean().optional() }).optional(),
  status: z
    .object({
      capacity: z.record(z.string(), z.string()).optional(),
      conditions: z.array(z.object({ type: z.string(), status: z.string() })).optional(),
      nodeInfo: z.object({ kubeletVersion: z.string() }).optional(),
    })
    .optional(),
});

export interface NodeCount {
  readonly nodes: NonNullable<ClusterResources["nodes"]>;
  readonly capacity: NonNullable<ClusterResources["capacity"]>;
}

interface Sums {
  readonly nodes: { total: number; ready: number; unschedulable: number };
  readonly capacity: { cpu: number; memory: number; pods: number };
  readonly versions: Map<string, number>;
}

/** Sums the nodes up page by page; none is kept. */
export async function countNodes(api: KubernetesApi, signal: AbortSignal): Promise<NodeCount> {
  const sums: Sums = {
    nodes: { total: 0, ready: 0, unschedulable: 0 },
    capacity: { cpu: 0, memory: 0, pods: 0 },
    versions: new Map(),
  };
  const pages = api.listPages("/api/v1/nodes", { limit: NODES_PER_PAGE, signal });
  for await (const { items } of pages) {
    for (const item of items) addNode(sums, item);
  }
  const { nodes, capacity, versions } = sums;
  const kubeletVersions = [...versions]
    .map(([version, count]) => ({ version, nodes: count }))
    .sort((a, b) => b.nodes - a.nodes)
    .slice(0, VERSIONS_MAX);
  return {
    nodes: { ...nodes, kubeletVersions },
    capacity: {
      cpuMillicores: Math.round(capacity.cpu * 1_000),
      memoryBytes: Math.round(capacity.memory),
      pods: Math.round(capacity.pods),
    },
  };
}

function addNode({ nodes, capacity, versions }: Sums, item: unknown): void {
  nodes.total += 1;
  const { success, data: node } = Node.safeParse(item);
  // Counted, but it says nothing that can be understood.
  if (!success) return;
  const { conditions, nodeInfo, capacity: has } = node.status ?? {};
  if (conditions?.some(isReady) === true) nodes.ready += 1;
  if (node.spec?.unschedulable === true) nodes.unschedulable += 1;
  if (nodeInfo !== undefined) {
    const version = nodeInfo.kubeletVersion.slice(0, 253);
    versions.set(version, (versions.get(version) ?? 0) + 1);
  }
  for (const name of ["cpu", "memory", "pods"] as const) {
    capacity[name] += parseQuantity(has?.[name] ?? "");
  }
}

const isReady = (condition: { readonly type: string; readonly status: string }): boolean =>
  condition.type === "Ready" && condition.status === "True";
