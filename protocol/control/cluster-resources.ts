import { z } from "zod";

const text = z.string().max(253);
const count = z.number().int().min(0);

/**
 * A cluster in summary, as its API server tells it. Null where the agent may not read it.
 *
 * Units:  CPU in thousandths of a core, memory in bytes; capacity is the sum of what the nodes have.
 */
export const ClusterResources = z.object({
  at: z.iso.datetime(),
  kubernetesVersion: text.nullable(),
  nodes: z
    .object({
      total: count,
      ready: count,
      unschedulable: count,
      /** How many nodes run which kubelet, the most frequent first. */
      kubeletVersions: z.array(z.object({ version: text, nodes: count })).max(16),
    })
    .nullable(),
  capacity: z.object({ cpuMillicores: count, memoryBytes: count, pods: count }).nullable(),
  pods: z
    .object({ total: count, running: count, pending: count, succeeded: count, failed: count })
    .nullable(),
  services: z.object({ total: count, loadBalancers: count }).nullable(),
  namespaces: count.nullable(),
  /** What could not be read, and why: one plain sentence each. */
  problems: z.array(z.string().max(1_024)).max(16),
});
export type ClusterResources = z.infer<typeof ClusterResources>;
