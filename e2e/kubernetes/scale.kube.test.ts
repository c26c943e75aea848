import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { encodeControl } from "#protocol/control/codec.ts";
import type { Inventory } from "#protocol/control/inventory.ts";
import type { ClusterClient, KubernetesObject } from "./harness/cluster-client.ts";
import { describeKubernetes } from "./harness/describe-kubernetes.ts";
import { findApiServer } from "./harness/find-api-server.ts";
import { NEWEST } from "./harness/gateway-api.ts";
import { startLab } from "./harness/lab.ts";
import { endpointSlice, gateway, route, service } from "./harness/objects.ts";

const source = await findApiServer();

const GATEWAYS = 500;
const ROUTES_PER_GATEWAY = 4;
const ENDPOINTS_PER_SERVICE = 10;
/** Limits for the whole: what issue and documentation promise. */
const START_MAX_MS = 10_000;
const MEMORY_MAX_MIB = 200;
const CHANGE_MAX_BYTES = 8 * 1024;
const PARALLEL_CALLS = 16;
const SET_UP_MS = 300_000;

const ports = Array.from({ length: ROUTES_PER_GATEWAY }, (_, index) => 5_000 + index);

/** A Gateway with its routes, its Service and the Service's endpoints. */
function cell(namespace: string, index: number): readonly KubernetesObject[] {
  const name = `g${index}`;
  const hosts = Array.from({ length: ENDPOINTS_PER_SERVICE }, (_, host) => ({
    address: `198.51.${100 + (index % 100)}.${host + 1}`,
  }));
  return [
    service(namespace, name, 5432),
    endpointSlice({ namespace, service: name }, 5432, hosts),
    gateway(namespace, name, { listeners: ports.map((port) => ({ name: `l${port}`, port })) }),
    ...ports.map((port) =>
      route(
        "TCPRoute",
        { namespace, name: `${name}-${port}` },
        {
          parents: [{ name, sectionName: `l${port}` }],
          backends: [{ name, port: 5432 }],
        },
      ),
    ),
  ];
}

async function applyAll(
  client: ClusterClient,
  objects: readonly KubernetesObject[],
): Promise<void> {
  const queue = [...objects];
  const work = async (): Promise<void> => {
    for (let next = queue.pop(); next !== undefined; next = queue.pop()) await client.apply(next);
  };
  await Promise.all(Array.from({ length: PARALLEL_CALLS }, work));
}

const readyIn = ({ gateways }: Inventory): number =>
  gateways
    .flatMap(({ listeners }) => listeners)
    .filter(({ problem, backends }) => problem === null && backends.some(({ ready }) => ready))
    .length;

/** Of a process, MiB: now, and the most it ever was. */
function memoryOf(pid: number | undefined): { now: number; most: number } {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const read = (field: string): number =>
    Math.round(Number(new RegExp(`^${field}:\\s+(\\d+) kB`, "m").exec(status)?.[1]) / 1024);
  return { now: read("VmRSS"), most: read("VmHWM") };
}

describeKubernetes("a large cluster", source, (start) => {
  it(
    "is read within seconds and in little memory, and one change is one small message",
    { timeout: SET_UP_MS },
    async () => {
      const { client, kubeconfig } = await start({ bundle: NEWEST });
      const namespace = await client.createNamespace("scale");
      const cells = Array.from({ length: GATEWAYS }, (_, index) => cell(namespace, index));
      await applyAll(client, cells.flat());

      const startedAt = performance.now();
      const { seen, agent, hub } = await startLab(kubeconfig);
      const wanted = GATEWAYS * ROUTES_PER_GATEWAY;
      const all = await seen.until("everything", (last) => readyIn(last) === wanted, 120_000);
      const startMs = Math.round(performance.now() - startedAt);
      const begun = memoryOf(agent.child.pid);

      const before = hub.links.at(-1)?.messages.length ?? 0;
      const changedAt = performance.now();
      const down = [{ address: "198.51.100.1", isReady: false }];
      await client.apply(endpointSlice({ namespace, service: "g7" }, 5432, down));
      await seen.until("the change", (last) => readyIn(last) === wanted - ROUTES_PER_GATEWAY);
      const changeMs = Math.round(performance.now() - changedAt);
      const changes = (hub.links.at(-1)?.messages ?? [])
        .slice(before)
        .filter(({ type }) => type === "inventory" || type === "inventory_change");
      const bytes = changes.map(({ type, payload }) =>
        Buffer.byteLength(encodeControl(type, payload, { now: new Date(), requestId: null })),
      );
      const end = memoryOf(agent.child.pid);

      const figures = {
        gateways: all.gateways.length,
        routes: wanted,
        endpoints: GATEWAYS * ENDPOINTS_PER_SERVICE,
        "start-up, ms": startMs,
        "one change, ms": changeMs,
        "one change, bytes": bytes.join(" + "),
        "memory after start-up, MiB": begun.now,
        "memory at most, MiB": end.most,
      };
      process.stdout.write(`${JSON.stringify(figures, null, 2)}\n`);
      expect(changes.map(({ type }) => type)).toEqual(["inventory_change"]);
      expect(bytes[0]).toBeLessThan(CHANGE_MAX_BYTES);
      expect(startMs).toBeLessThan(START_MAX_MS);
      expect(end.most).toBeLessThan(MEMORY_MAX_MIB);
    },
  );
});
