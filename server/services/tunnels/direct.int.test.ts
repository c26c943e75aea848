import { afterEach, describe, expect, it } from "vitest";
import { TunnelId } from "#protocol/api/ids.ts";
import type { RoutingMode } from "#protocol/api/routing.ts";
import type { DirectState } from "#protocol/relay/events.ts";
import { listAudit } from "#server/services/audit/list-audit.ts";
import { buildDesiredState } from "#server/services/desired-state/build-desired-state.ts";
import { reconcileCluster } from "#server/services/inventory/reconcile-cluster.ts";
import { storeInventory } from "#server/services/inventory/store-inventory.ts";
import { LiveState } from "#server/services/live-state.ts";
import { seedLiveState } from "#server/services/live/seed-live-state.ts";
import { setupCluster } from "#server/services/testing/connect-agent.ts";
import {
  EMPTY_SNAPSHOT,
  OPERATOR,
  RELAY,
  VIEWER,
  inventoryOf,
  setupServices,
  tcpListener,
  type Services,
} from "#server/services/testing/setup-services.ts";
import { explainTunnel } from "./explain-tunnel.ts";
import { getTunnel } from "./get-tunnel.ts";
import { listTunnels } from "./list-tunnels.ts";
import { patchTunnel } from "./patch-tunnel.ts";

const PORT = 5432;
const ADDRESS = `198.18.7.1:${PORT}`;

const open: Services[] = [];
afterEach(async () => {
  for (const services of open.splice(0)) await services.close();
});

/** A published tunnel whose Gateway has an address of its own. */
async function setup(mode: RoutingMode | null = null) {
  const services = await setupServices({ directCidrs: ["198.18.0.0/15"] });
  open.push(services);
  const { context } = services;
  const { clusterId, link } = await setupCluster(services, [tcpListener(PORT)]);
  const reconcile = () => reconcileCluster(context, clusterId);
  const discover = async (generation: number, addresses: string[]) => {
    const inventory = inventoryOf(generation, [tcpListener(PORT)]);
    const gateways = inventory.gateways.map((gateway) => ({
      ...gateway,
      addresses,
      routingMode: mode,
    }));
    await storeInventory(context, { ...link, inventory: { ...inventory, gateways } });
    await reconcile();
  };
  await discover(2, ["10.0.0.1", "198.18.7.1"]);
  const [first] = (await listTunnels(context, VIEWER, { limit: 1 })).items;
  const id = TunnelId.parse(first?.id);
  const say = async (over: Partial<DirectState>, relayId = RELAY.relayId) => {
    const direct: DirectState = {
      tunnelId: id,
      state: "verified",
      address: ADDRESS,
      rttMs: 2,
      reason: null,
      since: context.now().getTime(),
      ...over,
    };
    context.live.relayEvent(relayId, { kind: "direct", direct });
    await reconcile();
  };
  return {
    services,
    context,
    id,
    discover,
    reconcile,
    say,
    lose: () => say({ state: "not_answering", reason: `${ADDRESS} refuses connections.` }),
    tunnel: () => getTunnel(context, VIEWER, { id }),
    desired: async () => (await buildDesiredState(context)).tunnels[0],
    audited: async () =>
      (await listAudit(context, VIEWER, { limit: 50, objectId: id })).items
        .filter(({ action }) => action.startsWith("tunnel.direct"))
        .reverse(),
  };
}

describe("a tunnel whose Gateway has a public address", () => {
  it("asks relays to verify it, and shows that nobody has yet", async () => {
    const { desired, tunnel } = await setup();
    expect(await desired()).toMatchObject({
      state: "open",
      mode: "direct",
      direct: [{ host: "198.18.7.1", port: PORT }],
      endpoints: [{ kind: "relay", address: "127.0.0.1:20000" }],
    });
    expect(await tunnel()).toMatchObject({
      routingMode: { desired: "direct", effective: "tunnel" },
      direct: { address: ADDRESS, state: "unverified", reason: "No relay has tried it yet." },
    });
  });

  it("is served directly once relays have verified it, and says so everywhere", async () => {
    const { say, tunnel, desired, context, id } = await setup();
    await say({});
    expect(await tunnel()).toMatchObject({
      routingMode: { desired: "direct", effective: "direct" },
      direct: { address: ADDRESS, state: "verified", rttMs: 2, reason: null },
      endpoints: [
        { kind: "relay" },
        {
          kind: "direct",
          address: ADDRESS,
          verifiedAt: context.now().toISOString(),
          problem: null,
        },
      ],
    });
    expect(await desired()).toMatchObject({
      state: "open",
      endpoints: [{ kind: "direct", address: ADDRESS }],
    });
    expect(await explainTunnel(context, VIEWER, { id })).toMatchObject({
      effective: "direct",
      effectiveReason: "as_desired",
    });
  });

  it("is served both ways in dual", async () => {
    const { say, desired, tunnel } = await setup("dual");
    await say({});
    expect((await tunnel()).routingMode.effective).toBe("dual");
    expect((await desired())?.endpoints.map(({ kind }) => kind)).toEqual(["relay", "direct"]);
  });

  it("says since when and why the address does not answer", async () => {
    const { say, lose, tunnel, desired } = await setup();
    await say({});
    await lose();
    const { routingMode, direct, endpoints } = await tunnel();
    expect(routingMode).toMatchObject({ desired: "direct", effective: "tunnel" });
    expect(routingMode.reason).toContain(
      "its direct address 198.18.7.1:5432 does not answer steadily since 2026-01-02 03:04:00 UTC " +
        "(198.18.7.1:5432 refuses connections), so the tunnel carries the traffic.",
    );
    expect(direct?.state).toBe("not_answering");
    expect(endpoints.map(({ verifiedAt }) => verifiedAt)).toEqual([null, null]);
    expect((await desired())?.endpoints.map(({ kind }) => kind)).toEqual(["relay"]);
  });

  it("does not believe a relay that speaks of an address the Gateway no longer has", async () => {
    const { say, discover, tunnel } = await setup();
    await say({});
    await discover(3, ["198.18.7.2"]);
    expect(await tunnel()).toMatchObject({
      routingMode: { effective: "tunnel" },
      direct: { address: `198.18.7.2:${PORT}`, state: "unverified" },
    });
  });

  it("waits until every relay reaches it, also one that was just started", async () => {
    const { say, context, tunnel, lose } = await setup();
    const second = { ...RELAY, relayId: "rl_2", instanceId: "instance-2" };
    context.live.relayConnected(second);
    context.live.relaySnapshot("rl_2", EMPTY_SNAPSHOT);
    await say({});
    expect((await tunnel()).routingMode.effective).toBe("tunnel");
    await say({}, "rl_2");
    expect((await tunnel()).routingMode.effective).toBe("direct");
    await lose();
    expect((await tunnel()).routingMode.effective).toBe("tunnel");
    context.live.relayLost(RELAY.relayId);
    expect((await tunnel()).routingMode.effective).toBe("direct");
  });

  it("shows no direct status while a person forces the tunnel, and asks for no probes", async () => {
    const { say, context, id, desired, tunnel } = await setup();
    await say({});
    await patchTunnel(context, OPERATOR, { id, forceTunnel: true });
    expect(await tunnel()).toMatchObject({ direct: null, routingMode: { effective: "tunnel" } });
    expect(await desired()).toMatchObject({ mode: "tunnel", direct: [], state: "open" });
  });
});

describe("the audit trail of a direct address", () => {
  it("has each move once, in order, by the system, with the reason", async () => {
    const { say, lose, reconcile, audited } = await setup();
    await say({ state: "unverified", reason: "It was not tried yet." });
    expect(await audited()).toEqual([]);
    await say({});
    await reconcile();
    await lose();
    await reconcile();
    await say({});
    expect(await audited()).toMatchObject([
      {
        action: "tunnel.direct_verified",
        actor: { kind: "system" },
        before: { effective: "tunnel" },
        after: { effective: "direct", address: ADDRESS },
        object: { kind: "tunnel", name: "public / tcp-5432" },
      },
      {
        action: "tunnel.direct_lost",
        actor: { kind: "system" },
        before: { effective: "direct" },
        after: { effective: "tunnel", reason: `${ADDRESS} refuses connections.` },
      },
      { action: "tunnel.direct_verified" },
    ]);
  });

  it("has nothing of what an operator switched", async () => {
    const { say, context, id, audited } = await setup();
    await say({});
    await patchTunnel(context, OPERATOR, { id, forceTunnel: true });
    await say({ state: "unverified", address: null });
    await patchTunnel(context, OPERATOR, { id, forceTunnel: false });
    await say({ state: "unverified", reason: "It was not tried yet." });
    await say({});
    expect((await audited()).map(({ action }) => action)).toEqual(["tunnel.direct_verified"]);
  });

  it("has nothing of an address that the Gateway gave up before relays heard of it", async () => {
    const { say, context, id, discover, audited } = await setup();
    const lost = { tunnelId: id, rttMs: null, reason: "No answer." };
    await say({});
    const since = context.now().getTime();
    context.live.relayEvent(RELAY.relayId, {
      kind: "direct",
      direct: { ...lost, state: "not_answering", address: ADDRESS, since },
    });
    await discover(3, ["198.18.7.2"]);
    expect(await audited()).toHaveLength(1);
    await say({ address: `198.18.7.2:${PORT}` });
    expect(await audited()).toHaveLength(1);
  });

  it("has nothing of a second relay that was just started, and all of one that never reaches it", async () => {
    const { say, services, context, audited, reconcile, tunnel } = await setup();
    await say({});
    services.advance(3_600_000);
    const startedAt = context.now().getTime();
    context.live.relayConnected({ ...RELAY, relayId: "rl_2", instanceId: "second", startedAt });
    context.live.relaySnapshot("rl_2", EMPTY_SNAPSHOT);
    await reconcile();
    expect((await tunnel()).routingMode.effective).toBe("tunnel");
    await say({ state: "unverified", reason: "It was not tried yet." }, "rl_2");
    services.advance(5_000);
    await reconcile();
    expect(await audited()).toHaveLength(1);
    services.advance(6_000);
    services.published.length = 0;
    await reconcile();
    expect((await audited()).map(({ action }) => action)).toEqual([
      "tunnel.direct_verified",
      "tunnel.direct_lost",
    ]);
    expect(services.published.map(({ kind }) => kind)).toEqual(["tunnel", "audit"]);
    // It leaves again, and what is left of the relays agrees.
    context.live.relayForgotten("rl_2");
    await reconcile();
    await reconcile();
    expect((await audited()).map(({ action }) => action).slice(2)).toEqual([
      "tunnel.direct_verified",
    ]);
  });

  it("says nothing again after a restart, and what happened meanwhile", async () => {
    const { say, services, context, audited, reconcile, tunnel } = await setup();
    await say({});
    const restarted = new LiveState();
    Object.assign(context, { live: restarted });
    await seedLiveState(context);
    // Until the relays have spoken, they are trusted to go on as before.
    expect((await tunnel()).routingMode.effective).toBe("direct");
    restarted.relayConnected(RELAY);
    restarted.relaySnapshot(RELAY.relayId, EMPTY_SNAPSHOT);
    await say({});
    expect(await audited()).toHaveLength(1);
    await say({ state: "unverified", reason: "It was not tried yet." });
    expect(await audited()).toHaveLength(1);
    services.advance(11_000);
    await reconcile();
    expect((await audited()).map(({ action }) => action)).toEqual([
      "tunnel.direct_verified",
      "tunnel.direct_lost",
    ]);
  });
});
