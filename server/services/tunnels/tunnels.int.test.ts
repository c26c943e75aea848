import { afterEach, describe, expect, it } from "vitest";
import { TunnelId } from "#protocol/api/ids.ts";
import type { PatchTunnelBody } from "#protocol/api/tunnels.ts";
import { listAudit } from "#server/services/audit/list-audit.ts";
import { patchCluster } from "#server/services/clusters/patch-cluster.ts";
import { buildDesiredState } from "#server/services/desired-state/build-desired-state.ts";
import { getSettings } from "#server/services/settings/get-settings.ts";
import { patchSettings } from "#server/services/settings/patch-settings.ts";
import { connectAgent, report, setupCluster } from "#server/services/testing/connect-agent.ts";
import {
  OPERATOR,
  RELAY,
  VIEWER,
  connectionOf,
  inventoryOf,
  setupServices,
  tcpListener,
  type Services,
} from "#server/services/testing/setup-services.ts";
import { reconcileCluster } from "#server/services/inventory/reconcile-cluster.ts";
import { storeInventory } from "#server/services/inventory/store-inventory.ts";
import { explainTunnel } from "./explain-tunnel.ts";
import { getTunnel } from "./get-tunnel.ts";
import { listTunnels } from "./list-tunnels.ts";
import { patchTunnel } from "./patch-tunnel.ts";
import { policyOf } from "./tunnel-policy.ts";

const UNSET = {
  connectTimeoutMs: null,
  idleTimeoutMs: null,
  maxConnections: null,
  directDrainMs: null,
  allowedOrigins: null,
};
const DEFAULT_POLICY = policyOf({ protocol: "tcp", ...UNSET }, { idleTimeoutMs: null });

const open: Services[] = [];
async function setup(count = 1) {
  const services = await setupServices({ relayPorts: { from: 20_000, to: 29_999 } });
  open.push(services);
  const listeners = Array.from({ length: count }, (_, i) => tcpListener(i + 1));
  const { clusterId, link } = await setupCluster(services, listeners);
  const { context } = services;
  const [first] = (await listTunnels(context, VIEWER, { limit: 1 })).items;
  const id = TunnelId.parse(first?.id);
  return {
    services,
    context,
    clusterId,
    link,
    id,
    patch: (body: PatchTunnelBody) => patchTunnel(context, OPERATOR, { id, ...body }),
    desired: async () => (await buildDesiredState(context)).tunnels.find((t) => t.id === id),
  };
}
afterEach(async () => {
  for (const services of open.splice(0)) await services.close();
});

describe("patchTunnel", () => {
  it("writes one event for each kind of change in the same transaction", async () => {
    const { context, patch, id, services } = await setup();
    services.published.length = 0;
    const tunnel = await patch({
      forceTunnel: true,
      routingMode: "direct",
      enabled: false,
      policy: { maxConnections: 5 },
    });
    expect(tunnel).toMatchObject({
      forceTunnel: true,
      forcedBy: { setBy: OPERATOR.name },
      chosenMode: "direct",
      enabled: false,
      policy: { ...DEFAULT_POLICY, maxConnections: 5 },
      routingMode: { desired: "tunnel", effective: "tunnel", forced: true },
    });
    const events = (await listAudit(context, VIEWER, { limit: 10, objectId: id })).items;
    expect(events.map(({ action }) => action)).toEqual([
      "tunnel.policy",
      "tunnel.enable",
      "tunnel.routing_mode",
      "tunnel.force_tunnel",
      "tunnel.published",
    ]);
    expect(events[0]).toMatchObject({
      before: { maxConnections: null },
      after: { maxConnections: 5 },
      object: { kind: "tunnel", name: "public / tcp-1" },
    });
    expect(services.published.map(({ kind }) => kind)).toEqual([
      "tunnel",
      "audit",
      "audit",
      "audit",
      "audit",
    ]);
  });

  it("leaves no trace when the event cannot be written", async () => {
    const { context, patch, services } = await setup();
    await context.db.$executeRaw`CREATE TRIGGER no_audit BEFORE INSERT ON audit_event
      BEGIN SELECT RAISE(ABORT, 'no'); END`;
    services.published.length = 0;
    await expect(patch({ enabled: false })).rejects.toBeDefined();
    expect((await context.db.tunnel.findFirst())?.enabled).toBe(true);
    expect(services.published).toEqual([]);
  });

  it("does nothing the second time", async () => {
    const { context, patch, services } = await setup();
    await patch({ forceTunnel: true, policy: { idleTimeoutMs: 20_000 } });
    const count = await context.db.auditEvent.count();
    services.published.length = 0;
    await patch({ forceTunnel: true, policy: { idleTimeoutMs: 20_000 } });
    expect(await context.db.auditEvent.count()).toBe(count);
    expect(services.published).toEqual([]);
  });

  it("goes back to the rules and to the defaults with null", async () => {
    const { patch } = await setup();
    await patch({ routingMode: "dual", policy: { connectTimeoutMs: 2_000 } });
    const tunnel = await patch({ routingMode: null, policy: { connectTimeoutMs: null } });
    expect(tunnel).toMatchObject({ chosenMode: null, policy: DEFAULT_POLICY });
  });

  it("is not for viewers, and not for tunnels that are not there", async () => {
    const { context, id } = await setup();
    const refused = patchTunnel(context, VIEWER, { id, enabled: false });
    await expect(refused).rejects.toMatchObject({ code: "forbidden" });
    const missing = patchTunnel(context, OPERATOR, { id: "tn_nobodynobody", enabled: false });
    await expect(missing).rejects.toMatchObject({ code: "not_found" });
  });
});

describe("what relays are told", () => {
  it("is `disabled` for a tunnel that is off, with its port kept", async () => {
    const { patch, desired } = await setup();
    const before = await desired();
    await patch({ enabled: false });
    expect(await desired()).toEqual({ ...before, state: "disabled", endpoints: [] });
    await patch({ enabled: true });
    expect(await desired()).toEqual(before);
  });

  it("differs in the mode alone, as long as there is no address but the relay's", async () => {
    const { patch, desired, context, clusterId } = await setup();
    const before = await desired();
    for (const routingMode of ["direct", "dual", "tunnel", null] as const) {
      await patch({ routingMode });
      expect(await desired()).toEqual({ ...before, mode: routingMode ?? "tunnel" });
    }
    await patch({ forceTunnel: true });
    await patchCluster(context, OPERATOR, { id: clusterId, forceTunnel: true });
    await patchSettings(context, OPERATOR, { forceTunnel: true });
    expect(await desired()).toEqual(before);
  });

  it("carries the Gateway's idle timeout unless an operator chose one", async () => {
    const { context, link, clusterId, desired, patch } = await setup();
    const inventory = inventoryOf(2, [tcpListener(1)]);
    const gateways = inventory.gateways.map((gateway) => ({ ...gateway, idleTimeoutMs: 60_000 }));
    await storeInventory(context, { ...link, inventory: { ...inventory, gateways } });
    await reconcileCluster(context, clusterId);
    expect((await desired())?.policy.idleTimeoutMs).toBe(60_000);
    await patch({ policy: { idleTimeoutMs: 90_000 } });
    expect((await desired())?.policy.idleTimeoutMs).toBe(90_000);
  });
});

describe("explainTunnel", () => {
  it("names the rule, who set it and when, at every level", async () => {
    const { context, id, clusterId, patch } = await setup();
    const explain = () => explainTunnel(context, VIEWER, { id });
    expect(await explain()).toMatchObject({
      desired: "tunnel",
      effective: "tunnel",
      effectiveReason: "as_desired",
      reason: "The cluster names no public address.",
    });
    await patch({ routingMode: "direct" });
    expect(await explain()).toMatchObject({
      desired: "direct",
      effective: "tunnel",
      effectiveReason: "direct_not_carried",
    });
    await patch({ forceTunnel: true });
    expect((await explain()).reason).toBe("This tunnel is forced, set by operator@example.com.");
    await patchCluster(context, OPERATOR, { id: clusterId, forceTunnel: true });
    expect((await explain()).reason).toContain("cluster's setting");
    await patchSettings(context, OPERATOR, { forceTunnel: true });
    const explained = await explain();
    expect(explained.reason).toContain("whole fleet");
    const matched = explained.trace.filter((step) => step.matched).map((step) => step.rule);
    expect(matched).toEqual([
      "fleet_force_tunnel",
      "cluster_force_tunnel",
      "tunnel_force_tunnel",
      "operator_choice",
      "no_public_address",
      "default_direct",
    ]);
    expect(explained.trace[0]).toMatchObject({
      setBy: OPERATOR.name,
      setAt: context.now().toISOString(),
    });
  });

  it("listens to the annotation and to agents", async () => {
    const { context, services, link, clusterId, id } = await setup();
    await connectAgent(services, clusterId, link.agentName, { forceTunnelMode: true });
    const inventory = inventoryOf(2, [tcpListener(1)]);
    const gateways = inventory.gateways.map((gateway) => ({
      ...gateway,
      routingMode: "dual" as const,
      addresses: ["8.8.8.8"],
    }));
    await storeInventory(context, { ...link, inventory: { ...inventory, gateways } });
    await reconcileCluster(context, clusterId);
    const explained = await explainTunnel(context, VIEWER, { id });
    expect(explained).toMatchObject({
      desired: "dual",
      effective: "tunnel",
      effectiveReason: "direct_not_verified",
    });
    expect(explained.trace[4]).toMatchObject({ matched: true, setBy: "apps/public" });
    expect(explained.trace[5]).toMatchObject({ matched: true, setBy: "agent agent-1" });
    expect((await getTunnel(context, VIEWER, { id })).endpoints[1]).toEqual({
      kind: "direct",
      address: "8.8.8.8:1",
      verifiedAt: null,
      problem: null,
    });
  });
});

describe("listTunnels", () => {
  it("pages through all of them once, in a steady order", async () => {
    const { context } = await setup(25);
    const seen: number[] = [];
    let cursor: string | null = null;
    do {
      const page = await listTunnels(context, VIEWER, { limit: 10, ...(cursor && { cursor }) });
      seen.push(...page.items.map(({ listener }) => listener.port));
      cursor = page.nextCursor;
    } while (cursor !== null);
    expect(seen).toEqual(Array.from({ length: 25 }, (_, i) => i + 1));
  });

  it("finds by words, phase and cluster", async () => {
    const { context, clusterId } = await setup(3);
    const find = async (query: object) =>
      (await listTunnels(context, VIEWER, { limit: 10, ...query })).items.length;
    expect(await find({ q: "TCP-2" })).toBe(1);
    expect(await find({ q: "prod" })).toBe(3);
    expect(await find({ q: "no such" })).toBe(0);
    expect(await find({ q: "20001" })).toBe(1);
    expect(await find({ phase: "active", clusterId })).toBe(3);
    expect(await find({ phase: "pending" })).toBe(0);
  });

  it("asks the database as often for many rows as for one", async () => {
    const { context } = await setup(60);
    const count = async (limit: number) => {
      let queries = 0;
      const db = context.db.$extends({
        query: { $allOperations: ({ args, query }) => (queries++, query(args)) },
      }) as unknown as typeof context.db;
      const page = await listTunnels({ ...context, db }, VIEWER, { limit });
      expect(page.items).toHaveLength(limit);
      return queries;
    };
    expect(await count(60)).toBe(await count(1));
  });

  it("shows what is live: connections, bytes, the last error", async () => {
    const { context, id, clusterId, services } = await setup();
    const connection = connectionOf(id, clusterId, context.now());
    context.live.relayEvent(RELAY.relayId, { kind: "connection_opened", connection });
    context.live.relayCounters(RELAY.relayId, {
      at: context.now().getTime(),
      tunnels: [{ tunnelId: id, bytesIn: 10, bytesOut: 20, opened: 3, failed: 1, open: 1 }],
      connections: [],
      memoryBytes: 1,
    });
    const at = context.now();
    context.live.outcomes.failed(id, { reason: "dial_refused", at: at.getTime() });
    expect(await getTunnel(context, VIEWER, { id })).toMatchObject({
      connections: { open: 1, total: 3 },
      bytes: { in: 10, out: 20 },
      lastError: { reason: "dial_refused", at: at.toISOString(), isOver: false },
    });
    services.advance(3_600_000);
    expect((await getTunnel(context, VIEWER, { id })).lastError).toBeNull();
  });
});

describe("settings", () => {
  it("force and release the fleet, with the numbers beforehand and an event each", async () => {
    const { context, clusterId, services, link } = await setup(2);
    await report(services, link, 2, [tcpListener(1), tcpListener(2), tcpListener(3)]);
    expect(await getSettings(context, VIEWER)).toMatchObject({
      forceTunnel: false,
      forcedBy: null,
      impact: { clusters: 1, tunnels: 3, connectionsOpen: 0 },
      relayPorts: { from: 20_000, to: 29_999, leased: 3 },
      relays: [{ id: RELAY.relayId, status: "connected", agentLinks: 1, restarts: 0 }],
    });
    services.published.length = 0;
    const forced = await patchSettings(context, OPERATOR, { forceTunnel: true });
    expect(forced.forcedBy).toEqual({ setBy: OPERATOR.name, setAt: context.now().toISOString() });
    expect(services.published.filter(({ kind }) => kind === "tunnel")).toHaveLength(3);
    await patchSettings(context, OPERATOR, { forceTunnel: true });
    await patchSettings(context, OPERATOR, { forceTunnel: false });
    const query = { limit: 10, action: "fleet.force_tunnel" as const };
    expect((await listAudit(context, VIEWER, query)).items).toMatchObject([
      { before: { forceTunnel: true }, after: { forceTunnel: false } },
      { before: { forceTunnel: false }, after: { forceTunnel: true } },
    ]);
    const refused = patchSettings(context, VIEWER, { forceTunnel: true });
    await expect(refused).rejects.toMatchObject({ code: "forbidden" });
    expect(clusterId).toMatch(/^cl_/);
  });
});
