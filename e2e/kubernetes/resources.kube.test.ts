import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { HttpKubernetesApi } from "#agent/discovery/kubernetes/api-client.ts";
import { ClusterAccess } from "#agent/discovery/kubernetes/cluster-access.ts";
import { ResourceCounter } from "#agent/discovery/kubernetes/resources/resource-counter.ts";
import type { ClusterResources } from "#protocol/control/cluster-resources.ts";
import type { ClusterClient, KubernetesObject } from "./harness/cluster-client.ts";
import { describeKubernetes } from "./harness/describe-kubernetes.ts";
import { findApiServer } from "./harness/find-api-server.ts";
import { NEWEST } from "./harness/gateway-api.ts";
import { startLab } from "./harness/lab.ts";
import { gateway } from "./harness/objects.ts";

/** More than one page of each. */
const NODES = 52;
const PODS = 510;
const AT_ONCE = 20;
const GATEWAYS = 60;

const node = (index: number): KubernetesObject => ({
  apiVersion: "v1",
  kind: "Node",
  metadata: { name: `node-${index}` },
  spec: { unschedulable: index === 0 },
});

const pod = (namespace: string, index: number): KubernetesObject => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { namespace, name: `pod-${index}` },
  spec: {
    automountServiceAccountToken: false,
    containers: [{ name: "main", image: "example.com/none" }],
  },
});

const service = (namespace: string, name: string, type: string): KubernetesObject => ({
  apiVersion: "v1",
  kind: "Service",
  metadata: { namespace, name },
  spec: { type, ports: [{ port: 80 }] },
});

async function inBatches(count: number, make: (index: number) => Promise<void>): Promise<void> {
  for (let from = 0; from < count; from += AT_ONCE) {
    const batch = Array.from({ length: Math.min(AT_ONCE, count - from) }, (_none, i) => from + i);
    await Promise.all(batch.map(make));
  }
}

async function createNode(client: ClusterClient, index: number): Promise<void> {
  await client.apply(node(index));
  const status = {
    capacity: { cpu: "3920m", memory: "16Gi", pods: "110" },
    conditions: [{ type: "Ready", status: index < 2 ? "Unknown" : "True" }],
    nodeInfo: { kubeletVersion: index < 10 ? "v1.35.2" : "v1.36.3" },
  };
  await client.patch(node(index), { status }, "/status");
}

/** What an agent with this kubeconfig counts. */
async function countWith(kubeconfig: string): Promise<ClusterResources | null> {
  const folder = await mkdtemp(join(tmpdir(), "culvert-kubeconfig-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, "kubeconfig");
  await writeFile(file, kubeconfig);
  const access = new ClusterAccess({ kind: "kubeconfig", files: [file] });
  const api = new HttpKubernetesApi({ access, userAgent: "culvert-agent/test" });
  onTestFinished(() => api.close());
  const { signal: late } = new AbortController();
  return await new ResourceCounter(api, () => new Date()).count(AbortSignal.timeout(20_000), late);
}

describeKubernetes(
  "what a cluster consists of",
  await findApiServer(),
  (start) => {
    it("is reported by the agent, and a change of one Gateway among many is one small message", async () => {
      const api = await start({ bundle: NEWEST });
      const { client } = api;
      await client.apply(node(1));
      const namespace = await client.createNamespace("many");
      const gateways = Array.from({ length: GATEWAYS }, (_none, i) =>
        gateway(namespace, `gateway-${i}`, { listeners: [{ name: "db", port: 5_432 }] }),
      );
      await inBatches(GATEWAYS, (index) => client.apply(...gateways.slice(index, index + 1)));
      const { hub } = await startLab(api.kubeconfig);
      const link = await hub.untilUp();
      const { payload } = await hub.until("resources", () => link.find("cluster_resources"));
      expect(payload).toMatchObject({ nodes: { total: 1 }, problems: [] });
      const has = (count: number) => link.inventories.at(-1)?.gateways.length === count;
      await hub.until("every Gateway", () => has(GATEWAYS));

      const said = link.messages.length;
      await client.delete(...gateways.slice(0, 1));
      await hub.until("its end", () => has(GATEWAYS - 1));
      const news = link.messages.slice(said).filter(({ type }) => type !== "heartbeat");
      expect(news.map(({ type }) => type)).toEqual(["inventory_change"]);
      const bytes = JSON.stringify(news).length;
      expect(bytes).toBeLessThan(JSON.stringify(link.inventories.at(-1)).length / 20);
    });

    it("is counted over several pages, phase by phase, and what is forbidden is named", async () => {
      const { client } = await start();
      const namespace = await client.createNamespace("count");
      const token = await client.createToken(namespace, "default");
      await inBatches(NODES, (index) => createNode(client, index));
      await inBatches(PODS, (index) => client.apply(pod(namespace, index)));
      for (const [index, phase] of ["Running", "Running", "Succeeded", "Failed"].entries()) {
        await client.patch(pod(namespace, index), { status: { phase } }, "/status");
      }
      await client.apply(
        service(namespace, "inside", "ClusterIP"),
        service(namespace, "outside", "LoadBalancer"),
      );
      const admin = await client.createToken(namespace, "reader");
      await client.apply({
        apiVersion: "rbac.authorization.k8s.io/v1",
        kind: "ClusterRole",
        metadata: { name: "count" },
        rules: [
          {
            apiGroups: [""],
            resources: ["nodes", "pods", "services", "namespaces"],
            verbs: ["list"],
          },
        ],
      });
      await client.apply({
        apiVersion: "rbac.authorization.k8s.io/v1",
        kind: "ClusterRoleBinding",
        metadata: { name: "count" },
        roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "count" },
        subjects: [{ kind: "ServiceAccount", namespace, name: "reader" }],
      });

      const reader = client.kubeconfigFor({ token: admin });
      const namespaces = (await client.request("GET", "/api/v1/namespaces")).body;
      await expect
        .poll(() => countWith(reader), { timeout: 10_000 })
        .toMatchObject({
          kubernetesVersion: expect.stringMatching(/^v1\.\d+\.\d+/) as string,
          nodes: {
            total: NODES,
            ready: NODES - 2,
            unschedulable: 1,
            kubeletVersions: [
              { version: "v1.36.3", nodes: NODES - 10 },
              { version: "v1.35.2", nodes: 10 },
            ],
          },
          capacity: {
            cpuMillicores: NODES * 3_920,
            memoryBytes: NODES * 2 ** 34,
            pods: NODES * 110,
          },
          pods: { total: PODS, running: 2, pending: PODS - 4, succeeded: 1, failed: 1 },
          // With the API server's own.
          services: { total: 3, loadBalancers: 1 },
          namespaces: (JSON.parse(namespaces) as { items: unknown[] }).items.length,
          problems: [],
        });

      const stranger = await countWith(client.kubeconfigFor({ token }));
      expect(stranger).toMatchObject({ nodes: null, capacity: null, pods: null, services: null });
      expect(stranger?.problems).toHaveLength(4);
    });
  },
  "own",
);
