import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { LIVE_ROOMS_MAX } from "#protocol/live/events.ts";
import { newOrderedId } from "#server/lib/ids.ts";
import { FakeRelay } from "#server/relays/testing/fake-relay.ts";
import { connectionState, inventory, linkState } from "#server/relays/testing/states.ts";
import { until } from "#server/relays/testing/until.ts";
import { SYSTEM_ACTOR } from "#server/services/actor.ts";
import { revokeApiKey } from "#server/services/api-keys/revoke-api-key.ts";
import { createCluster } from "#server/services/clusters/create-cluster.ts";
import { deleteCluster } from "#server/services/clusters/delete-cluster.ts";
import { patchCluster } from "#server/services/clusters/patch-cluster.ts";
import { patchSettings } from "#server/services/settings/patch-settings.ts";
import { REFUSED_REQUEST, requestOf } from "#server/services/testing/http-records.ts";
import { listTunnels } from "#server/services/tunnels/list-tunnels.ts";
import { patchTunnel } from "#server/services/tunnels/patch-tunnel.ts";
import { PUBLIC_URL, cookieFrom, startTestWeb } from "#server/web/testing/start-test-web.ts";
import { LiveClient, openPort, type LiveClientOptions } from "./testing/live-client.ts";

async function setup() {
  const web = await startTestWeb();
  const port = await openPort(web.runDir);
  const clients: LiveClient[] = [];
  onTestFinished(async () => {
    for (const client of clients) client.close();
    await web.close();
    await port.close();
  });
  const { runtime } = web.web;
  const connect = async (options: LiveClientOptions): Promise<LiveClient> => {
    const client = new LiveClient(port.url, options);
    clients.push(client);
    return await client.connected();
  };
  const viewer = async () => connect({ auth: { apiKey: await web.createKey("viewer") } });
  return { web, runtime, connect, viewer };
}

/** A relay with an agent, and the tunnel that became of what it offers. */
async function withTunnel({ web, runtime }: Awaited<ReturnType<typeof setup>>) {
  const { cluster, tokenId } = await createCluster(runtime, SYSTEM_ACTOR, { name: "lab" });
  const link = linkState(cluster.id, tokenId);
  const relay = await FakeRelay.connect(
    { controlSocket: join(web.runDir, "control.sock"), secret: web.channelSecret },
    { links: [link], inventories: [{ linkId: link.linkId, inventory: inventory() }] },
  );
  const tunnel = await until("tunnel", async () => {
    const { items } = await listTunnels(runtime, SYSTEM_ACTOR, { limit: 1 });
    return items[0];
  });
  await relay.next(
    (message) => message.type === "change" && message.change.tunnels.upsert.length > 0,
  );
  return { relay, cluster, tunnel };
}

/** A tunnel with one open connection, and a viewer who was told of it. */
async function withOpenConnection() {
  const test = await setup();
  const { relay, cluster, tunnel } = await withTunnel(test);
  const early = await test.viewer();
  await early.subscribe("fleet");
  relay.report({
    kind: "connection_opened",
    connection: connectionState({ tunnelId: tunnel.id, clusterId: cluster.id }),
  });
  await early.next("metrics", (text) => text.includes('"connectionsOpen":1'));
  return { test, relay, tunnel, early };
}

describe("the live namespace lets in", () => {
  it.each([
    ["nobody without credentials", {}],
    ["nobody with a wrong key", { auth: { apiKey: "cvk_wrong" } }],
    ["nobody whose key is not a text", { auth: { apiKey: { $gt: "" } } }],
    ["nobody with a made-up cookie", { headers: { cookie: "culvert.session_token=made.up" } }],
  ] as const)("%s", async (_who, options) => {
    const { connect } = await setup();
    await expect(connect(options)).rejects.toThrow("unauthenticated");
  });

  it("no page of another site, whatever its credentials", async () => {
    const { web, connect } = await setup();
    const apiKey = await web.createKey("viewer");
    for (const transport of ["websocket", "polling"] as const) {
      const options = { auth: { apiKey }, headers: { origin: "https://evil.example" }, transport };
      await expect(connect(options)).rejects.toThrow();
    }
  });

  it("an API key, by either transport", async () => {
    const { web, connect } = await setup();
    const apiKey = await web.createKey("viewer");
    for (const transport of ["websocket", "polling"] as const) {
      const client = await connect({ auth: { apiKey }, transport });
      expect(await client.subscribe("fleet")).toEqual({ ok: true, rooms: ["fleet"] });
    }
  });

  it("a person with their session, from our own page", async () => {
    const { web, connect } = await setup();
    const token = /token=(\S+)/.exec(web.notices.join("\n"))?.[1] ?? "";
    const origin = PUBLIC_URL;
    const answer = await web.send("/api/v1/setup", {
      method: "POST",
      headers: { origin },
      body: { token, email: "ops@example.com", name: "Ops", password: "correct horse battery" },
    });
    const cookie = cookieFrom(answer);
    const client = await connect({ headers: { cookie, origin } });
    expect(await client.subscribe("fleet")).toMatchObject({ ok: true });

    const gone = client.disconnected();
    await web.send("/api/auth/sign-out", { method: "POST", headers: { cookie, origin }, body: {} });
    await gone;
  });

  it("nobody any more whose key was revoked", async () => {
    const { runtime, web, connect } = await setup();
    const apiKey = await web.createKey("viewer");
    const client = await connect({ auth: { apiKey } });
    const other = await connect({ auth: { apiKey: await web.createKey("operator") } });
    const row = await runtime.db.apiKey.findFirstOrThrow({ where: { name: "viewer" } });
    const gone = client.disconnected();
    await revokeApiKey(runtime, SYSTEM_ACTOR, { id: row.id });
    await gone;
    expect(other.socket.connected).toBe(true);
  });
});

describe("rooms", () => {
  it.each([["everything"], ["cluster:"], ["tunnel:../x"], [""]])(
    "are none called %j",
    async (room) => {
      const { viewer } = await setup();
      const client = await viewer();
      expect(await client.subscribe(room)).toMatchObject({ ok: false, code: "bad_request" });
    },
  );

  it(`are at most ${LIVE_ROOMS_MAX} for one socket`, async () => {
    const { viewer } = await setup();
    const client = await viewer();
    const rooms = Array.from(
      { length: LIVE_ROOMS_MAX },
      (_none, i) => `cluster:cl_${10_000_000 + i}`,
    );
    expect(await client.subscribe(...rooms)).toMatchObject({ ok: true });
    expect(await client.subscribe("fleet")).toMatchObject({ ok: false, code: "limit_exceeded" });
    await client.socket.emitWithAck("unsubscribe", { rooms: rooms.slice(0, 1) });
    expect(await client.subscribe("fleet")).toMatchObject({ ok: true });
  });

  it("survive what is not a message", async () => {
    const { viewer } = await setup();
    const client = await viewer();
    const raw = client.socket as unknown as { emit(event: string, ...rest: unknown[]): void };
    raw.emit("subscribe", "nonsense");
    raw.emit("subscribe", null, "not a function");
    raw.emit("subscribe");
    raw.emit("nonsense", { rooms: ["fleet"] });
    expect(await client.subscribe("fleet")).toMatchObject({ ok: true });
  });

  it("hold only what concerns them", async () => {
    const test = await setup();
    const { runtime } = test;
    const { cluster, tunnel } = await withTunnel(test);
    const other = await createCluster(runtime, SYSTEM_ACTOR, { name: "other" });
    const [inside, outside] = [await test.viewer(), await test.viewer()];
    await inside.subscribe(`tunnel:${tunnel.id}`);
    await outside.subscribe(`cluster:${other.cluster.id}`);
    await patchTunnel(runtime, SYSTEM_ACTOR, { id: tunnel.id, forceTunnel: true });
    await inside.next("tunnel", (text) => text.includes('"forceTunnel":true'));
    await inside.next("audit", (text) => text.includes("tunnel.force_tunnel"));
    await patchCluster(runtime, SYSTEM_ACTOR, { id: other.cluster.id, name: "renamed" });
    await outside.next("cluster", (text) => text.includes("renamed"));
    expect(outside.count("tunnel")).toBe(0);
    expect(outside.heard.some(({ payload }) => JSON.stringify(payload).includes(cluster.id))).toBe(
      false,
    );
  });
});

describe("what is published", () => {
  it("is every change of an object, whole, within a second", async () => {
    const test = await setup();
    const { runtime } = test;
    const { cluster } = await withTunnel(test);
    const client = await test.viewer();
    await client.subscribe("fleet");
    const before = performance.now();
    await patchSettings(runtime, SYSTEM_ACTOR, { forceTunnel: true });
    await client.next("settings", (text) => text.includes('"forceTunnel":true'));
    expect(performance.now() - before).toBeLessThan(1_000);
    await deleteCluster(runtime, SYSTEM_ACTOR, { id: cluster.id });
    await client.next("removed", (text) => text.includes(cluster.id));
  });

  it("is a tunnel that changes among hundreds, also where the others are gone meanwhile", async () => {
    const test = await setup();
    const { runtime } = test;
    const { tunnel, cluster } = await withTunnel(test);
    const client = await test.viewer();
    await client.subscribe("fleet");
    for (let i = 0; i < 450; i++) {
      runtime.changes.publish({ kind: "tunnel", id: newOrderedId("tn"), clusterId: cluster.id });
    }
    const before = performance.now();
    await patchTunnel(runtime, SYSTEM_ACTOR, { id: tunnel.id, forceTunnel: true });
    await client.next("tunnel", (text) => text.includes('"forceTunnel":true'));
    expect(performance.now() - before).toBeLessThan(1_000);
  });

  it("is each connection, opened and closed, and what goes through it", async () => {
    const test = await setup();
    const { relay, cluster, tunnel } = await withTunnel(test);
    const client = await test.viewer();
    await client.subscribe(`tunnel:${tunnel.id}`);
    const connection = connectionState({ tunnelId: tunnel.id, clusterId: cluster.id });
    relay.report({ kind: "connection_opened", connection });
    await client.next("connections", (text) => text.includes(`"opened":[{"id":"${connection.id}`));
    relay.send({
      type: "counters",
      at: Date.now(),
      tunnels: [
        {
          tunnelId: connection.tunnelId,
          bytesIn: 4_000,
          bytesOut: 9_000,
          opened: 1,
          failed: 0,
          open: 1,
        },
      ],
      connections: [
        { id: connection.id, bytesIn: 4_000, bytesOut: 9_000, lastActivityAt: Date.now() },
      ],
      memoryBytes: 1,
    });
    await client.next("connections", (text) =>
      text.includes(`"changed":[{"id":"${connection.id}","bytes":{"in":4000,"out":9000}}]`),
    );
    const metrics = await client.next("metrics", (text) => text.includes('"connectionsOpened":1'));
    expect(metrics).toContain(`"scope":"tunnel:${tunnel.id}"`);
    relay.report({
      kind: "connection_closed",
      connection: {
        ...connection,
        closedAt: Date.now(),
        closeReason: "dial_refused",
        closeDetail: null,
      },
    });
    await client.next("connections", (text) => text.includes('"closeReason":"dial_refused"'));
    // A failure is the tunnel's newest error, so the tunnel is sent as well.
    await client.next("tunnel", (text) => text.includes('"lastError":{"reason":"dial_refused"'));
  });

  it("is the last failure of a tunnel, of requests that were never rows, once for a burst, and its end", async () => {
    const test = await setup();
    const { relay, tunnel } = await withTunnel(test);
    const client = await test.viewer();
    await client.subscribe("fleet");
    const end = (facts: Parameters<typeof requestOf>[1]) =>
      relay.send({
        type: "counters",
        at: Date.now(),
        tunnels: [],
        connections: [],
        memoryBytes: 1,
        requests: [requestOf(tunnel.id, { at: Date.now(), ...facts })],
      });
    for (let i = 0; i < 50; i += 1) end(REFUSED_REQUEST);
    await client.next("tunnel", (text) => text.includes('"reason":"backend_refused"'));
    end({ at: Date.now() + 1_000 });
    await client.next("tunnel", (text) => text.includes('"isOver":true'));
    const told = client.heard.filter(({ payload }) => JSON.stringify(payload).includes("isOver"));
    expect(told.length).toBeLessThan(10);
  });

  it("keeps apart what relays report on the two sides of a stored step's end", async () => {
    const test = await setup();
    const { relay, tunnel } = await withTunnel(test);
    const client = await test.viewer();
    await client.subscribe(`tunnel:${tunnel.id}`);
    // The newest end of a step: in the past, so that nothing told meanwhile is later.
    const end = Math.floor(Date.now() / 10_000) * 10_000;
    const report = (at: number, opened: number) =>
      relay.send({
        type: "counters",
        at,
        tunnels: [{ tunnelId: tunnel.id, bytesIn: 0, bytesOut: 0, opened, failed: 0, open: 0 }],
        connections: [],
        memoryBytes: 1,
      });
    report(end - 20, 7);
    report(end + 20, 12);
    await client.next("metrics", (text) => text.includes('"connectionsOpened":5'));
    const told = client.heard.filter(({ payload }) => JSON.stringify(payload).includes("Opened"));
    expect(JSON.stringify(told)).toContain('"connectionsOpened":7');
  });

  it("is said again to whoever comes later", async () => {
    const { test, tunnel } = await withOpenConnection();
    const late = await test.viewer();
    await late.subscribe(`tunnel:${tunnel.id}`);
    await late.next("metrics", (text) => text.includes('"connectionsOpen":1'));
  });

  it("tells whoever comes later the last seconds of a tunnel: no stored series has them yet", async () => {
    const { test, relay, tunnel, early } = await withOpenConnection();
    relay.send({
      type: "counters",
      at: Date.now(),
      tunnels: [{ tunnelId: tunnel.id, bytesIn: 40, bytesOut: 90, opened: 7, failed: 0, open: 1 }],
      connections: [],
      memoryBytes: 1,
    });
    await early.next("metrics", (text) => text.includes('"connectionsOpened":7'));
    const late = await test.viewer();
    await late.subscribe("fleet", `tunnel:${tunnel.id}`);
    const first = await late.next("metrics", (text) => text.includes('"connectionsOpened":7'));
    // The second itself, and how things stand now, in this order.
    const own = first.split('"at":').filter((text) => text.includes(`"tunnel:${tunnel.id}"`));
    expect(own.at(-2)).toContain('"connectionsOpened":7');
    expect(own.at(-1)).toContain('"connectionsOpened":0');
  });
});
