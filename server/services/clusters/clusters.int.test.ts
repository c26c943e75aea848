import { afterEach, describe, expect, it } from "vitest";
import type { Inventory } from "#protocol/control/inventory.ts";
import { listAgents } from "#server/services/agents/list-agents.ts";
import { listRefusals } from "#server/services/agents/list-refusals.ts";
import { listAudit } from "#server/services/audit/list-audit.ts";
import { buildDesiredState } from "#server/services/desired-state/build-desired-state.ts";
import { reconcileCluster } from "#server/services/inventory/reconcile-cluster.ts";
import { storeInventory } from "#server/services/inventory/store-inventory.ts";
import { hashSecret } from "#server/services/secret-keys.ts";
import {
  connectAgent,
  connectRelay,
  disconnectAgent,
  setupCluster,
} from "#server/services/testing/connect-agent.ts";
import {
  ADMIN,
  OPERATOR,
  RELAY,
  VIEWER,
  inventoryOf,
  setupServices,
  tcpListener,
  type Services,
} from "#server/services/testing/setup-services.ts";
import { createToken, TOKENS_PER_CLUSTER_MAX } from "#server/services/tokens/create-token.ts";
import { listTokens } from "#server/services/tokens/list-tokens.ts";
import { revokeToken } from "#server/services/tokens/revoke-token.ts";
import { PRIVATE_AFTER_MS } from "./cluster-type.ts";
import { createCluster } from "./create-cluster.ts";
import { deleteCluster } from "./delete-cluster.ts";
import { getCluster } from "./get-cluster.ts";
import { listClusters } from "./list-clusters.ts";
import { patchCluster } from "./patch-cluster.ts";

const open: Services[] = [];
async function setup() {
  const services = await setupServices();
  open.push(services);
  return services;
}
afterEach(async () => {
  for (const services of open.splice(0)) await services.close();
});

const EDGES = inventoryOf(1, []).gateways.map((gateway) => ({
  ...gateway,
  addresses: ["8.8.8.8"],
}));
const NOBODY = { id: "cl_nobodynobody" };

describe("createCluster", () => {
  it("gives a token that lets agents in, and stores only its hash", async () => {
    const { context } = await setup();
    const created = await createCluster(context, OPERATOR, { name: "prod" });
    expect(created.cluster).toMatchObject({ name: "prod", status: "waiting", type: "unknown" });
    expect(created.token).toMatch(/^cvt_.{43}$/);
    expect((await buildDesiredState(context)).tokens).toEqual([
      {
        tokenId: created.tokenId,
        clusterId: created.cluster.id,
        sha256: hashSecret(created.token),
        expiresAt: null,
      },
    ]);
    const stored = JSON.stringify([
      await context.db.agentToken.findMany(),
      await context.db.auditEvent.findMany(),
    ]);
    expect(stored).not.toContain(created.token);
  });

  it("refuses a name that is taken and leaves nothing behind", async () => {
    const { context, published } = await setup();
    await createCluster(context, OPERATOR, { name: "prod" });
    published.length = 0;
    const again = createCluster(context, OPERATOR, { name: "prod" });
    await expect(again).rejects.toMatchObject({ code: "conflict" });
    expect(await context.db.agentToken.count()).toBe(1);
    expect(await context.db.auditEvent.count()).toBe(2);
    expect(published).toEqual([]);
  });

  it("is not for viewers", async () => {
    const { context } = await setup();
    const refused = createCluster(context, VIEWER, { name: "prod" });
    await expect(refused).rejects.toMatchObject({ code: "forbidden" });
    expect(await context.db.auditEvent.count()).toBe(0);
  });
});

describe("listClusters", () => {
  it("pages through all of them, oldest first, and finds by name", async () => {
    const { context } = await setup();
    for (const name of ["a", "b", "c"]) await createCluster(context, OPERATOR, { name });
    const first = await listClusters(context, VIEWER, { limit: 2 });
    expect(first.items.map(({ name }) => name)).toEqual(["a", "b"]);
    const cursor = first.nextCursor ?? "";
    const second = await listClusters(context, VIEWER, { limit: 2, cursor });
    expect(second.items.map(({ name }) => name)).toEqual(["c"]);
    expect(second.nextCursor).toBeNull();
    const found = await listClusters(context, VIEWER, { limit: 2, q: "b" });
    expect(found.items).toHaveLength(1);
    const forged = listClusters(context, VIEWER, { limit: 2, cursor: "nonsense" });
    await expect(forged).rejects.toMatchObject({ code: "bad_request" });
  });
});

describe("patchCluster", () => {
  it("writes one event for each change, and none for what is so already", async () => {
    const { context, published } = await setup();
    const { cluster } = await createCluster(context, OPERATOR, { name: "prod" });
    published.length = 0;
    const patch = { id: cluster.id, name: "production", forceTunnel: true };
    expect(await patchCluster(context, OPERATOR, patch)).toMatchObject({
      name: "production",
      forceTunnel: true,
      forcedBy: { setBy: OPERATOR.name },
    });
    const before = await context.db.auditEvent.count();
    published.length = 0;
    await patchCluster(context, OPERATOR, patch);
    expect(await context.db.auditEvent.count()).toBe(before);
    expect(published).toEqual([]);
    const { items } = await listAudit(context, VIEWER, { limit: 2, objectKind: "cluster" });
    expect(items).toMatchObject([
      {
        action: "cluster.force_tunnel",
        before: { forceTunnel: false },
        after: { forceTunnel: true },
        actor: { kind: "user", id: OPERATOR.id, name: OPERATOR.name },
        address: OPERATOR.address,
      },
      { action: "cluster.rename", before: { name: "prod" }, after: { name: "production" } },
    ]);
  });

  it("refuses a name that is taken, a cluster that is not there, and viewers", async () => {
    const { context } = await setup();
    const { cluster } = await createCluster(context, OPERATOR, { name: "a" });
    await createCluster(context, OPERATOR, { name: "b" });
    const patch = { id: cluster.id, name: "b" };
    await expect(patchCluster(context, OPERATOR, patch)).rejects.toMatchObject({
      code: "conflict",
    });
    await expect(patchCluster(context, VIEWER, patch)).rejects.toMatchObject({ code: "forbidden" });
    const missing = patchCluster(context, OPERATOR, { ...patch, ...NOBODY });
    await expect(missing).rejects.toMatchObject({ code: "not_found" });
  });
});

describe("deleteCluster", () => {
  it("takes tokens, agents, tunnels and leases along, and keeps the audit log", async () => {
    const services = await setup();
    const { context, published } = services;
    const { clusterId } = await setupCluster(services, [tcpListener(1)]);
    await deleteCluster(context, ADMIN, { id: clusterId });
    const { db } = context;
    const counts = [db.agentToken.count(), db.agent.count(), db.tunnel.count()];
    expect(await Promise.all([...counts, db.portLease.count()])).toEqual([0, 0, 0, 0]);
    expect(await buildDesiredState(context)).toEqual({ clusters: [], tokens: [], tunnels: [] });
    expect(published).toContainEqual({ kind: "cluster", id: clusterId, isRemoved: true });
    expect((await listAudit(context, VIEWER, { limit: 1 })).items[0]?.action).toBe(
      "cluster.delete",
    );
    const again = deleteCluster(context, ADMIN, { id: clusterId });
    await expect(again).rejects.toMatchObject({ code: "not_found" });
  });
});

describe("a cluster's status", () => {
  it("follows its agents", async () => {
    const services = await setup();
    const { context } = services;
    connectRelay(services);
    const { cluster } = await createCluster(context, OPERATOR, { name: "prod" });
    const status = async () => (await getCluster(context, VIEWER, cluster)).status;
    expect(await status()).toBe("waiting");
    const one = await connectAgent(services, cluster.id, "agent-1");
    expect(await status()).toBe("connected");
    const two = await connectAgent(services, cluster.id, "agent-2");
    await disconnectAgent(services, two);
    expect(await getCluster(context, VIEWER, cluster)).toMatchObject({
      status: "degraded",
      agents: { connected: 1, total: 2 },
    });
    services.advance(24 * 3_600_000);
    expect(await status()).toBe("connected");
    const agents = (await listAgents(context, VIEWER, { clusterId: cluster.id })).items;
    expect(agents).toMatchObject([
      { name: "agent-1", status: "connected", relays: [{ relayId: RELAY.relayId, rttMs: 1.5 }] },
      { name: "agent-2", status: "offline", relays: [] },
    ]);
    await disconnectAgent(services, one);
    expect(await status()).toBe("offline");
  });

  it("stands as it was while no relay has spoken", async () => {
    const services = await setup();
    const { clusterId } = await setupCluster(services, []);
    services.context.live.relayForgotten(RELAY.relayId);
    expect(await getCluster(services.context, VIEWER, { id: clusterId })).toMatchObject({
      status: "connected",
    });
  });

  it("calls it private after a while without a public address", async () => {
    const services = await setup();
    const { clusterId } = await setupCluster(services, [tcpListener(1)]);
    const type = async () => (await getCluster(services.context, VIEWER, { id: clusterId })).type;
    expect(await type()).toBe("unknown");
    services.advance(PRIVATE_AFTER_MS - 1);
    expect(await type()).toBe("unknown");
    services.advance(1);
    expect(await type()).toBe("private");
  });

  it.each([
    ["a Gateway's address", { gateways: EDGES }],
    ["a LoadBalancer's address", { loadBalancers: ["8.8.8.8"] }],
    ["a LoadBalancer's name", { loadBalancers: ["lb.example.com"] }],
  ])("calls it public as long as %s is public", async (_what, facts) => {
    const services = await setup();
    const { context } = services;
    const { clusterId, link } = await setupCluster(services, []);
    const type = async () => (await getCluster(context, VIEWER, { id: clusterId })).type;
    const see = async (generation: number, seen: Partial<Inventory>) => {
      const inventory = { ...inventoryOf(generation, []), ...seen };
      await storeInventory(context, { ...link, inventory });
      await reconcileCluster(context, clusterId);
    };
    await see(2, facts);
    services.advance(PRIVATE_AFTER_MS);
    expect(await type()).toBe("public");
    await see(3, { loadBalancers: ["10.0.0.1"] });
    expect(await type()).toBe("unknown");
    services.advance(PRIVATE_AFTER_MS);
    expect(await type()).toBe("private");
  });
});

describe("agent tokens", () => {
  it("overlap for a rotation, run out, and are revoked at once", async () => {
    const services = await setup();
    const { context } = services;
    const { cluster, token } = await createCluster(context, OPERATOR, { name: "prod" });
    const clusterId = cluster.id;
    const second = await createToken(context, OPERATOR, { clusterId, expiresInDays: 1 });
    const letIn = async () =>
      (await buildDesiredState(context)).tokens.map(({ sha256 }) => sha256).sort();
    expect(await letIn()).toEqual([token, second.token].map(hashSecret).sort());
    services.advance(86_400_000);
    expect(await letIn()).toEqual([hashSecret(token)]);
    await expect(listTokens(context, VIEWER, { clusterId })).rejects.toMatchObject({
      code: "forbidden",
    });
    const [, first] = (await listTokens(context, OPERATOR, { clusterId })).items;
    await revokeToken(context, OPERATOR, { clusterId, tokenId: first?.id ?? "" });
    expect(await letIn()).toEqual([]);
    const events = await context.db.auditEvent.count({ where: { action: "token.revoke" } });
    await revokeToken(context, OPERATOR, { clusterId, tokenId: first?.id ?? "" });
    expect(await context.db.auditEvent.count({ where: { action: "token.revoke" } })).toBe(events);
  });

  it("of another cluster are not there", async () => {
    const { context } = await setup();
    const a = await createCluster(context, OPERATOR, { name: "a" });
    const b = await createCluster(context, OPERATOR, { name: "b" });
    const input = { clusterId: a.cluster.id, tokenId: b.tokenId };
    const revoke = revokeToken(context, OPERATOR, input);
    await expect(revoke).rejects.toMatchObject({ code: "not_found" });
    expect((await buildDesiredState(context)).tokens).toHaveLength(2);
  });

  it("are refused past their limit, until one is revoked", async () => {
    const { context } = await setup();
    const { cluster, tokenId } = await createCluster(context, OPERATOR, { name: "prod" });
    const clusterId = cluster.id;
    for (let i = 1; i < TOKENS_PER_CLUSTER_MAX; i++) {
      await createToken(context, OPERATOR, { clusterId });
    }
    const onemore = () => createToken(context, OPERATOR, { clusterId });
    await expect(onemore()).rejects.toMatchObject({ code: "limit_exceeded" });
    await revokeToken(context, OPERATOR, { clusterId, tokenId });
    await expect(onemore()).resolves.toBeDefined();
  });
});

describe("listRefusals", () => {
  it("shows those of the cluster and those nobody knows", async () => {
    const { context } = await setup();
    const { cluster } = await createCluster(context, OPERATOR, { name: "prod" });
    const refusal = { code: 4401, reason: "revoked", address: "192.0.2.1" };
    context.live.refusals.record({ ...refusal, at: 1, clusterId: cluster.id });
    context.live.refusals.record({ ...refusal, at: 2, clusterId: null, code: 401 });
    const { items } = await listRefusals(context, VIEWER, { clusterId: cluster.id });
    expect(items.map(({ code }) => code)).toEqual([401, 4401]);
  });
});
