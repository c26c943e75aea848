import { afterEach, describe, expect, it } from "vitest";
import { TunnelId } from "#protocol/api/ids.ts";
import type { InventoryListener } from "#protocol/control/inventory.ts";
import { listAudit } from "#server/services/audit/list-audit.ts";
import { createCluster } from "#server/services/clusters/create-cluster.ts";
import { deleteCluster } from "#server/services/clusters/delete-cluster.ts";
import { buildDesiredState } from "#server/services/desired-state/build-desired-state.ts";
import { CLOSING_MIN_MS } from "#server/services/inventory/plan-tunnels.ts";
import { reconcileCluster } from "#server/services/inventory/reconcile-cluster.ts";
import { storeInventory } from "#server/services/inventory/store-inventory.ts";
import { connectAgent, report, setupCluster } from "#server/services/testing/connect-agent.ts";
import { httpListener } from "#server/services/testing/http-listener.ts";
import {
  OPERATOR,
  RELAY,
  VIEWER,
  connectionOf,
  inventoryOf,
  listeningOn,
  setupServices,
  tcpListener,
  type Services,
} from "#server/services/testing/setup-services.ts";
import { listTunnels } from "#server/services/tunnels/list-tunnels.ts";
import { patchTunnel } from "#server/services/tunnels/patch-tunnel.ts";

const IN_USE = "Port 8080 is in use by another program on the relay's machine.";

const open: Services[] = [];
async function setup(listeners: InventoryListener[], ...args: Parameters<typeof setupServices>) {
  const services = await setupServices(...args);
  open.push(services);
  const { context } = services;
  const { clusterId, link } = await setupCluster(services, listeners);
  return {
    services,
    context,
    clusterId,
    link,
    tunnels: async (q?: string) =>
      (await listTunnels(context, VIEWER, { limit: 100, ...(q === undefined ? {} : { q }) })).items,
    desired: async () => (await buildDesiredState(context)).tunnels,
    /** A second cluster with the same Gateway. */
    joinCluster: async (name: string, theirs: InventoryListener[]) => {
      services.advance(1_000);
      const { cluster } = await createCluster(context, OPERATOR, { name });
      const agent = await connectAgent(services, cluster.id, name);
      await report(services, agent, 1, theirs);
      return { clusterId: cluster.id, link: agent };
    },
  };
}
afterEach(async () => {
  for (const services of open.splice(0)) await services.close();
});

/** As agents before HTTP report it. */
function withoutRouting(hostnames: readonly string[]): InventoryListener {
  const listener = httpListener(hostnames);
  delete listener.http;
  return listener;
}

describe("an HTTP listener that is reported", () => {
  it("becomes a tunnel with a name of its own and no port", async () => {
    const { context, tunnels, desired, clusterId } = await setup([
      httpListener(["shop.test", "*.shop.test"]),
    ]);
    const [tunnel] = await tunnels();
    const host = `public-${tunnel?.id.slice(-8)}.tunnel.test`;
    expect(tunnel).toMatchObject({
      protocol: "http",
      phase: "active",
      endpoints: [
        { kind: "edge", address: `${host}:8080`, verifiedAt: null, problem: null },
        { kind: "edge", address: "shop.test:8080", verifiedAt: null, problem: null },
      ],
      http: {
        siteUrl: `http://${host}:8080/`,
        hostnames: [
          { name: "shop.test", problem: null },
          { name: "*.shop.test", problem: null },
        ],
      },
    });
    expect(await context.db.portLease.count()).toBe(0);
    expect(await desired()).toMatchObject([
      {
        id: tunnel?.id,
        relayPort: null,
        state: "open",
        target: { protocol: "http", port: 80, hostname: null },
        // DNS controllers take what agents publish for the place that the routes' names should lead to.
        endpoints: [{ kind: "edge", address: `${host}:8080` }],
        http: {
          ownName: host,
          hostnames: ["shop.test", "*.shop.test"],
          allowedOrigins: [],
          routing: { isThroughGateway: false, rules: [{ route: "HTTPRoute apps/web" }] },
        },
      },
    ]);
    const { items } = await listAudit(context, VIEWER, { limit: 10, action: "tunnel.published" });
    expect(items).toMatchObject([{ after: { clusterId, host } }]);
  });

  it("changes nothing when it is reported again", async () => {
    const { services, context, clusterId } = await setup([httpListener(["shop.test"])]);
    services.published.length = 0;
    await reconcileCluster(context, clusterId);
    expect(services.published).toEqual([]);
  });

  it("is given to relays anew when its routes change", async () => {
    const { services, link, tunnels, desired } = await setup([httpListener(["shop.test"])]);
    await report(services, link, 2, [httpListener(["new.test"])]);
    expect((await desired())[0]?.http?.hostnames).toEqual(["new.test"]);
    expect((await desired())[0]?.http?.routing.rules[0]?.hostnames).toEqual(["new.test"]);
    expect((await tunnels())[0]?.http?.hostnames).toEqual([{ name: "new.test", problem: null }]);
  });

  it("answers for any host at its own name alone", async () => {
    const { tunnels, desired } = await setup([httpListener([])]);
    expect((await tunnels())[0]).toMatchObject({ http: { hostnames: [] }, endpoints: [{}] });
    expect((await desired())[0]?.http?.hostnames).toEqual([]);
  });

  it.each<[string, InventoryListener, RegExp]>([
    [
      "whose Gateway ends TLS itself",
      httpListener(["shop.test"], { routing: { isThroughGateway: true, isTls: true } }),
      /ends TLS/,
    ],
    ["of an agent that does not say what its routes do", withoutRouting(["shop.test"]), /too old/],
    ["with a problem", httpListener(["shop.test"], { problem: "No route." }), /^No route\.$/],
  ])("waits as pending, and leads nowhere: one %s", async (_, listener, reason) => {
    const { tunnels, desired } = await setup([listener]);
    const [tunnel] = await tunnels();
    expect(tunnel).toMatchObject({
      phase: "pending",
      phaseReason: expect.stringMatching(reason) as string,
      endpoints: [],
    });
    for (const { problem } of tunnel?.http?.hostnames ?? []) expect(problem).not.toBeNull();
    expect(await desired()).toMatchObject([{ state: "stopped", http: { hostnames: [] } }]);
  });

  it("is carried where TLS ends at the Gateway, but requests go to its services", async () => {
    const { tunnels } = await setup([httpListener(["shop.test"], { routing: { isTls: true } })]);
    expect(await tunnels()).toMatchObject([{ phase: "active" }]);
  });

  it("keeps its place while an older agent reports it beside a newer one", async () => {
    const { services, clusterId, tunnels } = await setup([httpListener(["shop.test"])]);
    services.advance(1);
    const older = await connectAgent(services, clusterId, "older");
    await report(services, older, 1, [withoutRouting(["shop.test"])]);
    expect(await tunnels()).toMatchObject([{ phase: "active", agents: ["agent-1"] }]);
  });

  it("stops when it is withdrawn, keeps its requests, and comes back under its own name", async () => {
    const { services, context, clusterId, link, tunnels, desired } = await setup([
      httpListener(["shop.test"]),
    ]);
    const [before] = await desired();
    const connection = connectionOf(before?.id ?? "", clusterId, context.now());
    context.live.relayEvent(RELAY.relayId, { kind: "connection_opened", connection });
    await report(services, link, 2, [httpListener(["shop.test"], { problem: "No route." })]);
    expect(await desired()).toMatchObject([{ id: before?.id, state: "stopped", endpoints: [] }]);
    await report(services, link, 3, [httpListener(["shop.test"])]);
    expect(await desired()).toEqual([before]);
    const actions = (await listAudit(context, VIEWER, { limit: 3 })).items;
    expect(actions.map(({ action, before: was }) => [action, was])).toEqual([
      ["tunnel.published", null],
      ["tunnel.withdrawn", { clusterId, cluster: "prod", host: before?.http?.ownName }],
      ["tunnel.published", null],
    ]);
    expect((await tunnels())[0]?.connections.open).toBe(1);
  });

  it("says that the edge's port could not be opened, and since when it is", async () => {
    const { context, clusterId, tunnels } = await setup([httpListener([])]);
    const [tunnel] = await tunnels();
    const listener = listeningOn(tunnel?.id ?? "", 8080, context.now());
    context.live.relayEvent(RELAY.relayId, {
      kind: "listener",
      listener: { ...listener, state: "failed", reason: IN_USE },
    });
    await reconcileCluster(context, clusterId);
    expect(await tunnels()).toMatchObject([
      {
        phase: "degraded",
        phaseReason: IN_USE,
        endpoints: [{ kind: "edge", verifiedAt: null, problem: IN_USE }],
      },
    ]);
    expect((await buildDesiredState(context)).tunnels).toMatchObject([{ endpoints: [] }]);
    context.live.relayEvent(RELAY.relayId, { kind: "listener", listener });
    await reconcileCluster(context, clusterId);
    expect(await tunnels()).toMatchObject([
      {
        phase: "active",
        endpoints: [{ verifiedAt: context.now().toISOString(), problem: null }],
      },
    ]);
    expect((await buildDesiredState(context)).tunnels).toMatchObject([
      { endpoints: [{ kind: "edge" }] },
    ]);
  });

  it("is found by a host name of its routes, and by its own name", async () => {
    const { tunnels } = await setup([httpListener(["shop.test"]), httpListener([], { port: 81 })]);
    const [shop] = await tunnels("SHOP.te");
    expect(shop?.http?.hostnames).toEqual([{ name: "shop.test", problem: null }]);
    expect(await tunnels("shop.te")).toHaveLength(1);
    expect(await tunnels(`public-${shop?.id.slice(-8)}`)).toHaveLength(1);
  });
});

describe("a host name that two listeners of a port could serve", () => {
  it("leads to the closer one, and back when that goes; the page of the other is told", async () => {
    const wide = httpListener(["a.shop.test"], { name: "wide" });
    const close = httpListener([], { name: "close", hostname: "*.shop.test" });
    const { services, context, clusterId, link, tunnels } = await setup([wide, close]);
    const namesOf = async () => (await tunnels())[0]?.http?.hostnames;
    const problem = "The Gateway's listener for *.shop.test takes it.";
    expect(await namesOf()).toEqual([{ name: "a.shop.test", problem }]);
    const [first] = await tunnels();
    await report(services, link, 2, [wide]);
    services.advance(CLOSING_MIN_MS);
    services.published.length = 0;
    await reconcileCluster(context, clusterId);
    expect(await namesOf()).toEqual([{ name: "a.shop.test", problem: null }]);
    expect(services.published).toContainEqual({ kind: "tunnel", id: first?.id, clusterId });
  });
});

describe("a host name that two clusters ask for", () => {
  it("leads to the second once the cluster of the first is deleted", async () => {
    const { services, context, clusterId, tunnels, joinCluster } = await setup([
      httpListener(["shop.test"]),
    ]);
    const other = await joinCluster("test", [httpListener(["shop.test"])]);
    const [, second] = await tunnels();
    services.published.length = 0;
    await deleteCluster(context, OPERATOR, { id: clusterId });
    expect((await tunnels())[0]?.http?.hostnames).toEqual([{ name: "shop.test", problem: null }]);
    const change = { kind: "tunnel", id: second?.id, clusterId: other.clusterId };
    expect(services.published).toContainEqual(change);
  });

  it("leads to the first, and to the second once the first is gone", async () => {
    const { services, context, clusterId, link, tunnels, desired, joinCluster } = await setup([
      httpListener(["shop.test"]),
    ]);
    const other = await joinCluster("test", [httpListener(["shop.test", "new.test"])]);
    const [first, second] = await tunnels();
    expect(first?.http?.hostnames).toEqual([{ name: "shop.test", problem: null }]);
    expect(second?.http?.hostnames).toEqual([
      {
        name: "shop.test",
        problem:
          "It belongs to port 80 of Gateway apps/public of cluster prod, which was there first.",
      },
      { name: "new.test", problem: null },
    ]);
    expect((await desired()).map(({ http }) => http?.hostnames)).toEqual([
      ["shop.test"],
      ["new.test"],
    ]);
    expect(second?.endpoints.map(({ address }) => address)).toEqual([
      expect.stringMatching(/^public-.{8}\.tunnel\.test:8080$/),
      "new.test:8080",
    ]);

    services.published.length = 0;
    await report(services, link, 2, []);
    services.advance(CLOSING_MIN_MS);
    await reconcileCluster(context, clusterId);
    expect((await desired()).map(({ http }) => http?.hostnames)).toEqual([
      ["shop.test", "new.test"],
    ]);
    // Whoever looks at the second is told, although nothing happened in its cluster.
    expect(services.published).toContainEqual({
      kind: "tunnel",
      id: second?.id,
      clusterId: other.clusterId,
    });
  });

  it("stays with the second when the first goes that waited as pending, and comes back as such", async () => {
    const waiting = httpListener(["shop.test"], { problem: "No route." });
    const { services, link, tunnels, desired, joinCluster } = await setup([waiting]);
    const other = await joinCluster("test", [httpListener(["shop.test"])]);
    const namesOf = async () => (await desired()).map(({ http }) => http?.hostnames);
    expect(await namesOf()).toEqual([[], ["shop.test"]]);
    await report(services, link, 2, []);
    await report(services, other.link, 2, [httpListener(["shop.test", "new.test"])]);
    expect((await tunnels())[0]?.phase).toBe("closing");
    expect(await namesOf()).toEqual([[], ["shop.test", "new.test"]]);
    await report(services, link, 3, [waiting]);
    expect(await tunnels()).toMatchObject([
      { phase: "pending", http: { hostnames: [{ name: "shop.test" }] } },
      { phase: "active" },
    ]);
    expect(await namesOf()).toEqual([[], ["shop.test", "new.test"]]);
  });
});

describe("an HTTP tunnel whose Gateway has an address of its own", () => {
  it("moves there like any other once relays have verified it, and says so", async () => {
    const listener = httpListener(["shop.test"]);
    const { services, context, clusterId, link, tunnels, desired } = await setup([listener], {
      directCidrs: ["198.18.0.0/15"],
    });
    const inventory = inventoryOf(2, [listener]);
    const gateways = inventory.gateways.map((g) => ({ ...g, addresses: ["198.18.7.1"] }));
    await storeInventory(context, { ...link, inventory: { ...inventory, gateways } });
    await reconcileCluster(context, clusterId);
    const [before] = await desired();
    expect(before).toMatchObject({
      mode: "direct",
      direct: [{ host: "198.18.7.1", port: 80 }],
      endpoints: [{ kind: "edge" }],
    });
    services.advance(1_000);
    const address = "198.18.7.1:80";
    const since = context.now().getTime();
    context.live.relayEvent(RELAY.relayId, {
      kind: "direct",
      direct: {
        tunnelId: TunnelId.parse(before?.id),
        state: "verified",
        address,
        rttMs: 2,
        reason: null,
        since,
      },
    });
    await reconcileCluster(context, clusterId);
    expect((await desired())[0]?.endpoints).toEqual([{ kind: "direct", address }]);
    expect((await tunnels())[0]).toMatchObject({
      routingMode: { desired: "direct", effective: "direct" },
      endpoints: [
        { kind: "edge" },
        { kind: "edge", address: "shop.test:8080" },
        { kind: "direct", address, verifiedAt: new Date(since).toISOString(), problem: null },
      ],
    });
    const { items } = await listAudit(context, VIEWER, { limit: 1 });
    expect(items).toMatchObject([{ action: "tunnel.direct_verified", after: { address } }]);
  });
});

describe("origins whose pages may open WebSockets", () => {
  it("are an operator's to name, one event for each change, and told to relays", async () => {
    const { context, tunnels, desired } = await setup([httpListener([])]);
    const id = (await tunnels())[0]?.id ?? "";
    const patch = (allowedOrigins: string[] | null) =>
      patchTunnel(context, OPERATOR, { id, policy: { allowedOrigins } });
    const origins = ["https://app.example.com", "*.example.org"];
    expect((await patch(origins)).policy.allowedOrigins).toEqual(origins);
    expect((await desired())[0]).toMatchObject({
      http: { allowedOrigins: origins },
      policy: { allowedOrigins: origins },
    });
    await patch(origins);
    expect((await patch(null)).policy.allowedOrigins).toEqual([]);
    const { items } = await listAudit(context, VIEWER, { limit: 10, action: "tunnel.policy" });
    expect(items).toMatchObject([
      { before: { allowedOrigins: origins }, after: { allowedOrigins: null } },
      { before: { allowedOrigins: null }, after: { allowedOrigins: origins } },
    ]);
  });

  it("mean nothing to a tunnel of another protocol", async () => {
    const { context, tunnels } = await setup([tcpListener(1)]);
    const id = (await tunnels())[0]?.id ?? "";
    const patch = (allowedOrigins: string[]) =>
      patchTunnel(context, OPERATOR, { id, policy: { allowedOrigins } });
    await expect(patch(["*.example.org"])).rejects.toMatchObject({ code: "bad_request" });
    expect((await patch([])).policy.allowedOrigins).toEqual([]);
  });
});
