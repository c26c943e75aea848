import { expect, it, onTestFinished } from "vitest";
import type { TunnelProtocol } from "#protocol/api/tunnels.ts";
import { createLog } from "../../log.ts";
import type { DiscoveryProblem, DiscoverySnapshot } from "../discovery.ts";
import { KubernetesSource } from "./kubernetes-source.ts";
import { createKubernetesTimes } from "./kubernetes-times.ts";
import { startScriptedServer } from "./testing/scripted-server.ts";

const GROUP = "/apis/gateway.networking.k8s.io";
const CRD = `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/gateways.gateway.networking.k8s.io`;
const GATEWAY = {
  metadata: { namespace: "shop", name: "edge", labels: { managed: "true" } },
  spec: { gatewayClassName: "any", listeners: [{ name: "db", protocol: "TCP", port: 5432 }] },
};

/** Fails as long as the rules are said to be broken. */
class Protocols extends Set<TunnelProtocol> {
  isBroken = false;

  override has(protocol: TunnelProtocol): boolean {
    if (this.isBroken) throw new Error("an odd object");
    return super.has(protocol);
  }
}

/** A cluster that serves one Gateway, and whose watches are silent until they are told to speak. */
async function setup(isBroken: boolean) {
  const world = { crdStatus: 200 };
  const tellWatchers = new Set<(line: object) => void>();
  const { api } = await startScriptedServer(({ url, send, response }) => {
    const { pathname, searchParams } = url;
    if (searchParams.has("watch")) {
      response.writeHead(200).flushHeaders();
      if (pathname.endsWith("/gateways")) {
        tellWatchers.add((event) => response.write(`${JSON.stringify(event)}\n`));
      }
    } else if (pathname === "/version") send(200, { gitVersion: "v1.36.3" });
    else if (pathname === "/readyz") send(200, "ok");
    else if (pathname === GROUP) send(200, { versions: [{ version: "v1" }] });
    else if (pathname === `${GROUP}/v1`) {
      send(200, { resources: [{ name: "gateways", kind: "Gateway" }] });
    } else if (pathname === CRD) {
      const annotations = { "gateway.networking.k8s.io/bundle-version": "v1.6.3" };
      send(world.crdStatus, { metadata: { annotations } });
    } else {
      const items = pathname.endsWith("/gateways") ? [GATEWAY] : [];
      send(200, { metadata: { resourceVersion: "1" }, items });
    }
  });
  const protocols = new Protocols(["tcp"]);
  protocols.isBroken = isBroken;
  const lines: string[] = [];
  const source = new KubernetesSource({
    api,
    namespaces: null,
    rules: { managedLabels: ["managed"], protocols, defaultIdleTimeoutMs: null },
    times: { ...createKubernetesTimes(Math.random), factsMs: 20, versionsMs: 20, settleMs: 5 },
    random: Math.random,
    log: createLog({
      level: "error",
      format: "json",
      now: () => new Date(),
      write: (line) => lines.push(line),
    }),
    onEvent: () => undefined,
  });
  onTestFinished(() => source.close());
  const snapshots: DiscoverySnapshot[] = [];
  const waits: (readonly DiscoveryProblem[])[] = [];
  const first = source.start(
    (snapshot) => snapshots.push(snapshot),
    (problems) => waits.push(problems),
  );
  /** The watch of Gateways tells of a change. */
  const change = (port: number): void => {
    const [listener] = GATEWAY.spec.listeners;
    const spec = { ...GATEWAY.spec, listeners: [{ ...listener, port }] };
    const metadata = { ...GATEWAY.metadata, resourceVersion: String(port) };
    for (const tell of tellWatchers) tell({ type: "MODIFIED", object: { metadata, spec } });
  };
  const eventually = <T>(value: () => T) => expect.poll(value, { timeout: 15_000, interval: 5 });
  return { world, protocols, snapshots, waits, lines, first, change, eventually };
}

it("survives an object that its rules cannot take: what was seen stays, and it is said once", async () => {
  const { protocols, snapshots, lines, first, change, eventually } = await setup(false);
  await first;
  const portsSeen = () => snapshots.at(-1)?.gateways[0]?.listeners.map(({ port }) => port);
  const problemsSeen = () => snapshots.at(-1)?.problems.map(({ where }) => where);
  protocols.isBroken = true;
  change(5433);
  await eventually(problemsSeen).toContain("discovery");
  expect(portsSeen()).toEqual([5432]);
  change(5434);
  protocols.isBroken = false;
  change(5435);
  await eventually(portsSeen).toEqual([5435]);
  expect(problemsSeen()).not.toContain("discovery");
  expect(lines).toHaveLength(1);
});

it("says what is wrong when the first look already fails", async () => {
  const { protocols, snapshots, waits, first, change, eventually } = await setup(true);
  await eventually(() => waits.at(-1)?.[0]?.where).toBe("discovery");
  expect(snapshots).toEqual([]);
  protocols.isBroken = false;
  change(5433);
  await first;
  expect(snapshots).toHaveLength(1);
});

it("keeps the release of the Gateway API while the API server does not say it", async () => {
  const { world, snapshots, first, change, eventually } = await setup(false);
  await first;
  const seen = () => snapshots.map(({ cluster }) => cluster?.gatewayApi?.bundleVersion);
  world.crdStatus = 500;
  const from = snapshots.length;
  await eventually(() => snapshots.length).toBeGreaterThan(from + 2);
  change(5433);
  await eventually(() => snapshots.at(-1)?.gateways[0]?.listeners[0]?.port).toBe(5433);
  expect(new Set(seen())).toEqual(new Set(["v1.6.3"]));
  world.crdStatus = 403;
  await eventually(() => seen().at(-1)).toBeNull();
});
