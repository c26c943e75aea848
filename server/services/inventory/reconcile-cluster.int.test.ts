import { afterEach, describe, expect, it } from "vitest";
import {
  VIEWER,
  inventoryOf,
  listeningOn,
  setupServices,
  tcpListener,
  RELAY,
  connectionOf,
  type Services,
} from "#server/services/testing/setup-services.ts";
import {
  connectAgent,
  disconnectAgent,
  report,
  reportLive,
  setupCluster,
} from "#server/services/testing/connect-agent.ts";
import { openDatabase } from "#server/db/client.ts";
import { listAudit } from "#server/services/audit/list-audit.ts";
import { buildDesiredState } from "#server/services/desired-state/build-desired-state.ts";
import { listTunnels } from "#server/services/tunnels/list-tunnels.ts";
import { ABSENCE_GRACE_MS } from "./load-snapshots.ts";
import { CLOSING_MAX_MS, CLOSING_MIN_MS } from "./plan-tunnels.ts";
import { reconcileCluster } from "./reconcile-cluster.ts";
import { storeInventory } from "./store-inventory.ts";

const open: Services[] = [];
async function setup(...args: Parameters<typeof setupServices>) {
  const services = await setupServices(...args);
  open.push(services);
  return services;
}
afterEach(async () => {
  for (const services of open.splice(0)) await services.close();
});

const all = { limit: 100 };
const tunnelsOf = async ({ context }: Services) => (await listTunnels(context, VIEWER, all)).items;
const portsOf = async ({ context }: Services) =>
  (await context.db.portLease.findMany({ orderBy: { port: "asc" } })).map(({ port }) => port);
const actionsOf = async ({ context }: Services) =>
  (await listAudit(context, VIEWER, all)).items.map(({ action }) => action).reverse();

describe("a listener that is reported", () => {
  it("becomes a tunnel with a port, an audit event, and a place in the desired state", async () => {
    const services = await setup();
    const { clusterId, link } = await setupCluster(services, [tcpListener(5432)]);
    const [tunnel] = await tunnelsOf(services);
    expect(tunnel).toMatchObject({
      clusterId,
      clusterName: "prod",
      phase: "active",
      phaseReason: null,
      listener: { name: "tcp-5432", port: 5432 },
      endpoints: [{ kind: "relay", address: "127.0.0.1:20000", verifiedAt: null, problem: null }],
      routingMode: { desired: "tunnel", effective: "tunnel", forced: false },
      agents: [link.agentName],
    });
    expect(await actionsOf(services)).toEqual([
      "cluster.create",
      "token.create",
      "cluster.connected",
      "tunnel.published",
    ]);
    expect((await buildDesiredState(services.context)).tunnels).toMatchObject([
      { id: tunnel?.id, relayPort: 20_000, state: "open", target: { port: 5432, hostname: null } },
    ]);
  });

  it("says since when its endpoint is there", async () => {
    const services = await setup();
    const { clusterId } = await setupCluster(services, [tcpListener(5432)]);
    const [tunnel] = await tunnelsOf(services);
    const at = services.context.now();
    const listener = listeningOn(tunnel?.id ?? "", 20_000, at);
    services.context.live.relayEvent(RELAY.relayId, { kind: "listener", listener });
    await reconcileCluster(services.context, clusterId);
    expect((await tunnelsOf(services))[0]?.endpoints[0]?.verifiedAt).toBe(at.toISOString());
  });

  it("changes nothing when it is reported again", async () => {
    const services = await setup();
    const { clusterId } = await setupCluster(services, [tcpListener(5432)]);
    services.published.length = 0;
    await reconcileCluster(services.context, clusterId);
    expect(services.published).toEqual([]);
  });

  it("stays pending with its reason while it cannot be published, and is published when it can", async () => {
    const services = await setup();
    const { link } = await setupCluster(services, [tcpListener(5432, { problem: "No route." })]);
    expect(await tunnelsOf(services)).toMatchObject([
      { phase: "pending", phaseReason: "No route.", endpoints: [] },
    ]);
    expect((await buildDesiredState(services.context)).tunnels).toEqual([]);
    await report(services, link, 2, [tcpListener(5432)]);
    expect(await tunnelsOf(services)).toMatchObject([{ phase: "active", phaseReason: null }]);
  });

  it("is withdrawn with its reason, keeping its port and its connections, and published there again", async () => {
    const services = await setup();
    const { context } = services;
    const { clusterId, link } = await setupCluster(services, [tcpListener(5432)]);
    const [before] = await tunnelsOf(services);
    const connection = connectionOf(before?.id ?? "", clusterId, context.now());
    context.live.relayEvent(RELAY.relayId, { kind: "connection_opened", connection });
    const broken = [tcpListener(5432, { problem: "No route is attached." })];
    await report(services, link, 2, broken);
    await report(services, link, 3, broken);
    expect(await tunnelsOf(services)).toMatchObject([
      {
        id: before?.id,
        phase: "pending",
        phaseReason: "No route is attached.",
        connections: { open: 1 },
      },
    ]);
    // `stopped` takes nobody new and leaves who is there.
    expect((await buildDesiredState(context)).tunnels).toMatchObject([
      { id: before?.id, state: "stopped", relayPort: 20_000, endpoints: [] },
    ]);
    await report(services, link, 4, [tcpListener(5432)]);
    expect(await tunnelsOf(services)).toMatchObject([{ id: before?.id, phase: "active" }]);
    expect(await portsOf(services)).toEqual([20_000]);
    expect((await actionsOf(services)).slice(-3)).toEqual([
      "tunnel.published",
      "tunnel.withdrawn",
      "tunnel.published",
    ]);
    const { items } = await listAudit(context, VIEWER, { ...all, action: "tunnel.withdrawn" });
    expect(items).toMatchObject([
      {
        actor: { kind: "system" },
        before: { relayPort: 20_000 },
        after: { reason: "No route is attached." },
      },
    ]);
  });

  it("is shown, not published, when its protocol is not carried", async () => {
    const services = await setup();
    await setupCluster(services, [tcpListener(443, { protocol: "tls" })]);
    expect(await tunnelsOf(services)).toMatchObject([{ phase: "pending", protocol: "tls" }]);
  });

  it("is degraded while no backend is ready", async () => {
    const services = await setup();
    const backend = {
      namespace: "apps",
      name: "postgres",
      port: 5432,
      weight: 1,
      ready: false,
      reason: "no endpoints",
    };
    const { link } = await setupCluster(services, [tcpListener(5432, { backends: [backend] })]);
    expect(await tunnelsOf(services)).toMatchObject([
      { phase: "degraded", phaseReason: "No backend is ready: no endpoints" },
    ]);
    await report(services, link, 2, [tcpListener(5432)]);
    expect(await tunnelsOf(services)).toMatchObject([{ phase: "active" }]);
  });
});

describe("very many listeners", () => {
  it("are published a few hundred at a time, each once, and follow together", async () => {
    const services = await setup({ relayPorts: { from: 20_000, to: 20_449 } });
    const { context } = services;
    const { link, clusterId } = await setupCluster(services, []);
    const gateways = Array.from({ length: 47 }, (_, i) =>
      inventoryOf(
        2,
        Array.from({ length: 10 }, (_, j) => tcpListener(j + 1)),
      ).gateways.map((gateway) => ({ ...gateway, name: `gateway-${i}` })),
    ).flat();
    const inventory = { ...inventoryOf(2, []), gateways };
    await storeInventory(context, { ...link, inventory });
    const settle = async () => {
      for (let runs = 1; runs < 20; runs++) {
        const outcome = await reconcileCluster(context, clusterId);
        if (outcome?.dueAt?.getTime() !== context.now().getTime()) return runs;
      }
      throw new Error("it does not settle");
    };
    expect(await settle()).toBeGreaterThan(1);
    const count = (phase: string) => context.db.tunnel.count({ where: { phase } });
    expect([await count("active"), await count("pending")]).toEqual([450, 20]);
    expect(await context.db.portLease.count()).toBe(450);
    await disconnectAgent(services, link);
    await settle();
    expect(await count("degraded")).toBe(450);
  });
});

describe("relay ports", () => {
  it("are the same after a restart, whatever comes and goes in between", async () => {
    const services = await setup();
    const { link } = await setupCluster(services, [tcpListener(1), tcpListener(2)]);
    const before = await buildDesiredState(services.context);
    await services.context.db.$disconnect();
    const db = await openDatabase({ url: services.url });
    const restarted = { ...services, context: { ...services.context, db } };
    await disconnectAgent(restarted, link);
    await connectAgent(restarted, link.clusterId, link.agentName, { instanceId: "another-start" });
    await report(restarted, { ...link, instanceId: "another-start" }, 1, [
      tcpListener(2),
      tcpListener(1),
      tcpListener(3),
    ]);
    const after = await buildDesiredState(restarted.context);
    for (const tunnel of before.tunnels) expect(after.tunnels).toContainEqual(tunnel);
    expect(after.tunnels).toHaveLength(3);
    await db.$disconnect();
  });

  it("run out with a reason, and are handed out again", async () => {
    const services = await setup({ relayPorts: { from: 20_000, to: 20_001 } });
    const three = [tcpListener(1), tcpListener(2), tcpListener(3)];
    const { link, clusterId } = await setupCluster(services, three);
    const waiting = (await tunnelsOf(services)).filter(({ phase }) => phase === "pending");
    expect(waiting).toMatchObject([
      { phaseReason: "Every relay port from 20000 to 20001 is in use." },
    ]);
    await report(services, link, 2, [tcpListener(3)]);
    services.advance(CLOSING_MIN_MS);
    await reconcileCluster(services.context, clusterId);
    await reconcileCluster(services.context, clusterId);
    expect(await tunnelsOf(services)).toMatchObject([{ phase: "active", listener: { port: 3 } }]);
  });

  it("are not handed out again at once", async () => {
    const services = await setup();
    const { link, clusterId } = await setupCluster(services, [tcpListener(1)]);
    await report(services, link, 2, []);
    services.advance(CLOSING_MIN_MS);
    await reconcileCluster(services.context, clusterId);
    expect(await portsOf(services)).toEqual([]);
    await report(services, link, 3, [tcpListener(2)]);
    expect(await portsOf(services)).toEqual([20_001]);
  });

  it("move on when somebody else has one that was never listened on, and stay when it once worked", async () => {
    const services = await setup();
    const { clusterId } = await setupCluster(services, [tcpListener(1)]);
    const [tunnel] = await tunnelsOf(services);
    const { context } = services;
    const say = async (port: number, state: "failed" | "listening") => {
      const listener = {
        ...listeningOn(tunnel?.id ?? "", port, context.now()),
        state,
        reason: `Port ${port} is in use.`,
      };
      context.live.relayEvent(RELAY.relayId, { kind: "listener", listener });
      await reconcileCluster(context, clusterId);
    };
    await say(20_000, "failed");
    expect(await portsOf(services)).toEqual([20_001]);
    await say(20_001, "listening");
    const published = async () => (await buildDesiredState(context)).tunnels[0]?.endpoints;
    expect(await published()).toEqual([{ kind: "relay", address: "127.0.0.1:20001" }]);
    await say(20_001, "failed");
    expect(await portsOf(services)).toEqual([20_001]);
    expect(await published()).toEqual([]);
    expect(await tunnelsOf(services)).toMatchObject([
      { phase: "degraded", phaseReason: "Port 20001 is in use." },
    ]);
  });
});

describe("a listener that vanishes", () => {
  it("is closing for a moment, then gone, with its port, and the cluster keeps its figures", async () => {
    const services = await setup();
    const { context } = services;
    const { link, clusterId } = await setupCluster(services, [tcpListener(1)]);
    const [tunnel] = await tunnelsOf(services);
    const tunnelId = tunnel?.id ?? "";
    context.live.relayCounters(RELAY.relayId, {
      at: context.now().getTime(),
      tunnels: [
        { tunnelId: tunnelId as never, bytesIn: 7, bytesOut: 9, opened: 1, failed: 0, open: 0 },
      ],
      connections: [],
      memoryBytes: 1,
    });
    await report(services, link, 2, []);
    expect(await tunnelsOf(services)).toMatchObject([{ phase: "closing" }]);
    expect((await buildDesiredState(context)).tunnels).toMatchObject([{ state: "stopped" }]);
    services.advance(CLOSING_MIN_MS);
    await reconcileCluster(context, clusterId);
    expect(await tunnelsOf(services)).toEqual([]);
    expect(await portsOf(services)).toEqual([]);
    expect((await actionsOf(services)).at(-1)).toBe("tunnel.removed");
    expect(services.published).toContainEqual({
      kind: "tunnel",
      id: tunnelId,
      clusterId,
      isRemoved: true,
    });
    expect(await context.db.cluster.findMany()).toMatchObject([
      { pastBytesIn: 7n, pastBytesOut: 9n },
    ]);
  });

  it("finds its tunnel and its port again when it comes back in time", async () => {
    const services = await setup();
    const { link } = await setupCluster(services, [tcpListener(1)]);
    const [before] = await tunnelsOf(services);
    await report(services, link, 2, []);
    services.advance(CLOSING_MIN_MS - 1);
    await report(services, link, 3, [tcpListener(1)]);
    services.advance(CLOSING_MAX_MS);
    await report(services, link, 4, [tcpListener(1)]);
    expect(await tunnelsOf(services)).toMatchObject([
      { id: before?.id, phase: "active", endpoints: before?.endpoints },
    ]);
  });

  it("lets established connections end, for a while", async () => {
    const services = await setup();
    const { context } = services;
    const { link, clusterId } = await setupCluster(services, [tcpListener(1)]);
    const [tunnel] = await tunnelsOf(services);
    const connection = connectionOf(tunnel?.id ?? "", clusterId, context.now());
    context.live.relayEvent(RELAY.relayId, { kind: "connection_opened", connection });
    await report(services, link, 2, []);
    services.advance(CLOSING_MIN_MS);
    const soon = new Date(context.now().getTime() + CLOSING_MIN_MS);
    expect(await reconcileCluster(context, clusterId)).toMatchObject({ dueAt: soon });
    expect(await tunnelsOf(services)).toHaveLength(1);
    services.advance(CLOSING_MAX_MS);
    await reconcileCluster(context, clusterId);
    expect(await tunnelsOf(services)).toEqual([]);
  });
});

describe("agents", () => {
  it("that all leave make tunnels degraded and the cluster offline, and change nothing else", async () => {
    const services = await setup();
    const { link, clusterId } = await setupCluster(services, [tcpListener(1)]);
    const ports = await portsOf(services);
    await disconnectAgent(services, link);
    expect(await tunnelsOf(services)).toMatchObject([
      { phase: "degraded", phaseReason: "No agent of prod is connected.", agents: [] },
    ]);
    expect((await actionsOf(services)).at(-1)).toBe("cluster.offline");
    services.advance(10 * ABSENCE_GRACE_MS);
    await reconcileCluster(services.context, clusterId);
    expect(await tunnelsOf(services)).toHaveLength(1);
    await connectAgent(services, clusterId);
    await report(services, link, 1, [tcpListener(1)]);
    expect(await tunnelsOf(services)).toMatchObject([{ phase: "active" }]);
    expect(await portsOf(services)).toEqual(ports);
  });

  it("are believed together, and only those that report a listener serve it", async () => {
    const services = await setup();
    const { clusterId, link } = await setupCluster(services, [tcpListener(1)]);
    await reportLive(services, link, 2, [tcpListener(1)]);
    const second = await connectAgent(services, clusterId, "agent-2");
    await report(services, second, 1, [tcpListener(2)]);
    expect(await tunnelsOf(services)).toMatchObject([
      { listener: { port: 1 }, agents: ["agent-1"] },
      { listener: { port: 2 }, agents: ["agent-2"] },
    ]);
    await disconnectAgent(services, second);
    expect(await tunnelsOf(services)).toMatchObject([
      { phase: "active" },
      { phase: "degraded", phaseReason: "No agent that can serve it is connected." },
    ]);
    services.advance(ABSENCE_GRACE_MS);
    await reconcileCluster(services.context, clusterId);
    expect((await tunnelsOf(services)).map(({ phase }) => phase)).toEqual(["active", "closing"]);
  });

  it("that have not said yet what they see take nothing away", async () => {
    const services = await setup();
    const { link, clusterId } = await setupCluster(services, [tcpListener(1)]);
    await disconnectAgent(services, link);
    services.advance(ABSENCE_GRACE_MS);
    await connectAgent(services, clusterId, "agent-2");
    expect(await tunnelsOf(services)).toHaveLength(1);
    expect((await tunnelsOf(services))[0]?.phase).not.toBe("closing");
  });

  it("that come back and never say what they see count for a while, and take nothing away alone", async () => {
    const services = await setup();
    const { link, clusterId } = await setupCluster(services, [tcpListener(1), tcpListener(2)]);
    await disconnectAgent(services, link);
    await connectAgent(services, clusterId);
    const other = await connectAgent(services, clusterId, "agent-2");
    await reportLive(services, other, 1, [tcpListener(1)]);
    const phases = async () => (await tunnelsOf(services)).map(({ phase }) => phase);
    expect(await phases()).not.toContain("closing");
    services.advance(ABSENCE_GRACE_MS);
    await reconcileCluster(services.context, clusterId);
    expect(await phases()).toEqual(["active", "closing"]);

    await disconnectAgent(services, other);
    services.advance(CLOSING_MIN_MS);
    await reconcileCluster(services.context, clusterId);
    expect(await phases()).toEqual(["degraded"]);
  });

  it("mean nothing while no relay has spoken", async () => {
    const services = await setup();
    const { clusterId } = await setupCluster(services, [tcpListener(1)]);
    services.context.live.relayForgotten(RELAY.relayId);
    await reconcileCluster(services.context, clusterId);
    expect(await tunnelsOf(services)).toMatchObject([{ phase: "active" }]);
  });

  it("are told apart from an older report of themselves", async () => {
    const services = await setup();
    const { link } = await setupCluster(services, [tcpListener(1)]);
    await report(services, link, 3, [tcpListener(1), tcpListener(2)]);
    await report(services, link, 2, []);
    expect(await tunnelsOf(services)).toHaveLength(2);
  });
});
