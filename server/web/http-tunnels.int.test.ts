import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { TunnelId } from "#protocol/api/ids.ts";
import type { FromRelay } from "#protocol/relay/channel.ts";
import type { HttpCounts } from "#protocol/relay/events.ts";
import { LiveClient, openPort } from "#server/live/testing/live-client.ts";
import { FakeRelay } from "#server/relays/testing/fake-relay.ts";
import { connectionState, linkState } from "#server/relays/testing/states.ts";
import { until } from "#server/relays/testing/until.ts";
import { SYSTEM_ACTOR } from "#server/services/actor.ts";
import { createCluster } from "#server/services/clusters/create-cluster.ts";
import { deleteCluster } from "#server/services/clusters/delete-cluster.ts";
import { listConnections } from "#server/services/connections/list-connections.ts";
import { httpListener } from "#server/services/testing/http-listener.ts";
import { httpCountsOf, requestOf } from "#server/services/testing/http-records.ts";
import { inventoryOf } from "#server/services/testing/setup-services.ts";
import { listTunnels } from "#server/services/tunnels/list-tunnels.ts";
import { startTestWeb } from "./testing/start-test-web.ts";

type Counters = Extract<FromRelay, { type: "counters" }>;

/** A web process, a relay with an agent, and the HTTP tunnel that became of what it offers. */
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
  const { cluster, tokenId } = await createCluster(runtime, SYSTEM_ACTOR, { name: "lab" });
  const link = linkState(cluster.id, tokenId);
  const listeners = [httpListener(["shop.test"]), httpListener([], { port: 81 })];
  const inventory = inventoryOf(1, listeners);
  const relay = await FakeRelay.connect(
    { controlSocket: join(web.runDir, "control.sock"), secret: web.channelSecret },
    { links: [link], inventories: [{ linkId: link.linkId, inventory }] },
  );
  await relay.next(
    (message) => message.type === "change" && message.change.tunnels.upsert.length > 0,
  );
  const tunnels = (await listTunnels(runtime, SYSTEM_ACTOR, { limit: 10 })).items;
  const [tunnelId, otherId] = tunnels.map(({ id }) => TunnelId.parse(id));
  if (tunnelId === undefined || otherId === undefined) throw new Error("two tunnels");
  const apiKey = await web.createKey("viewer");
  const headers = { authorization: `Bearer ${apiKey}` };
  return {
    runtime,
    relay,
    clusterId: cluster.id,
    tunnelId,
    otherId,
    ask: (path: string) => web.send(path, { headers }),
    watch: async (room: string) => {
      const client = await new LiveClient(port.url, { auth: { apiKey } }).connected();
      clients.push(client);
      await client.subscribe(room);
      return client;
    },
    report: (facts: Partial<Counters> & { readonly http?: HttpCounts }) => {
      const { http, ...rest } = facts;
      const totals = { bytesIn: 0, bytesOut: 0, opened: 0, failed: 0, open: 0 };
      const tunnels = http === undefined ? [] : [{ tunnelId, ...totals, http }];
      relay.send({
        type: "counters",
        at: Date.now(),
        tunnels,
        connections: [],
        memoryBytes: 1,
        ...rest,
      });
    },
  };
}

describe("requests that ended", () => {
  it("are listed by their tunnel, the newest first, and told to those who look at it", async () => {
    const { report, ask, watch, tunnelId, otherId } = await setup();
    const [here, elsewhere] = [await watch(`tunnel:${tunnelId}`), await watch("fleet")];
    const upgrade = { method: "GET", host: "shop.test", path: "/live", upgrade: "websocket" };
    const first = requestOf(tunnelId, { at: 1_000 });
    const second = requestOf(tunnelId, { at: 2_000, status: 101, request: upgrade });
    const gone = requestOf(tunnelId, { at: 3_000, status: null, firstByteMs: null, backend: null });
    const other = requestOf(otherId, { at: 4_000, status: 503, error: "agent_offline" });
    report({ requests: [first, second, gone, other] });
    const told = await here.next("requests");
    expect(JSON.parse(told)).toMatchObject([{ id: first.id }, { id: second.id }, { id: gone.id }]);
    const path = `/api/v1/tunnels/${tunnelId}/requests`;
    expect((await ask(path)).json).toEqual({
      items: [
        expect.objectContaining({ id: gone.id, status: null, firstByteMs: null, backend: null }),
        expect.objectContaining({ id: second.id, path: "/live", upgrade: "websocket" }),
        {
          id: first.id,
          tunnelId,
          relayId: "rl_1",
          at: "1970-01-01T00:00:01.000Z",
          method: "GET",
          host: "shop.test",
          path: "/cart",
          upgrade: null,
          clientAddress: "198.51.100.4:50000",
          status: 200,
          error: null,
          detail: null,
          backend: "apps/web:80",
          firstByteMs: 1.5,
          durationMs: 2,
          bytes: { in: 0, out: 512 },
        },
      ],
      nextCursor: null,
    });
    expect(elsewhere.count("requests")).toBe(0);
  });

  it("are none of a tunnel that is gone", async () => {
    const { runtime, report, ask, tunnelId, clusterId } = await setup();
    report({ requests: [requestOf(tunnelId)] });
    await until("recorded", () => runtime.live.requests.of(tunnelId).length === 1);
    await deleteCluster(runtime, SYSTEM_ACTOR, { id: clusterId });
    expect(runtime.live.requests.of(tunnelId)).toEqual([]);
    expect((await ask(`/api/v1/tunnels/${tunnelId}/requests`)).status).toBe(404);
  });
});

describe("what a tunnel answered", () => {
  it("is in its figures, with percentiles of the last minutes", async () => {
    const { report, ask, tunnelId } = await setup();
    report({ http: httpCountsOf({ ok: 98, notFound: 2 }, { in: 3, out: 4 }) });
    const tunnel = await until("counted", async () => {
      const { json } = await ask(`/api/v1/tunnels/${tunnelId}`);
      const { http } = json as { http: { latencyMs: { p50: number; p99: number } | null } };
      return http.latencyMs === null ? null : http;
    });
    expect(tunnel).toMatchObject({
      statusClasses: { "1xx": 0, "2xx": 98, "3xx": 0, "4xx": 2, "5xx": 0 },
      messages: { in: 3, out: 4 },
    });
    expect(tunnel.latencyMs?.p50).toBeLessThan(1);
    expect(tunnel.latencyMs?.p99).toBeGreaterThan(7);
  });

  it("is what Prometheus reads", async () => {
    const { report, ask, tunnelId, clusterId, relay } = await setup();
    const request = { method: "GET", host: "shop.test", path: "/live", upgrade: "websocket" };
    const connection = connectionState({ tunnelId, clusterId }, { request });
    relay.report({ kind: "connection_opened", connection });
    report({ http: httpCountsOf({ ok: 3, notFound: 1 }, { in: 3, out: 4 }) });
    report({ http: httpCountsOf({ ok: 5, notFound: 1 }, { in: 3, out: 9 }) });
    const text = await until("counted", async () => {
      const answer = await ask("/metrics");
      return answer.text.includes('requests_total{status_class="2xx"} 5') ? answer.text : null;
    });
    for (const line of [
      'culvert_http_requests_total{status_class="4xx"} 1',
      'culvert_http_requests_total{status_class="5xx"} 0',
      'culvert_websocket_messages_total{direction="in"} 3',
      'culvert_websocket_messages_total{direction="out"} 9',
      "culvert_websockets_open 1",
      "# TYPE culvert_http_request_duration_seconds histogram",
      'culvert_http_request_duration_seconds_bucket{le="0.0005"} 0',
      'culvert_http_request_duration_seconds_bucket{le="0.001"} 5',
      'culvert_http_request_duration_seconds_bucket{le="0.01"} 6',
      'culvert_http_request_duration_seconds_bucket{le="+Inf"} 6',
      "culvert_http_request_duration_seconds_sum 0.015",
      "culvert_http_request_duration_seconds_count 6",
    ]) {
      expect(text.split("\n")).toContain(line);
    }
  });
});

describe("a WebSocket", () => {
  it("is a connection with its request and its messages, and keeps the request when it closes", async () => {
    const { runtime, relay, report, watch, ask, tunnelId, clusterId } = await setup();
    const client = await watch(`tunnel:${tunnelId}`);
    const request = { method: "GET", host: "shop.test", path: "/live", upgrade: "websocket" };
    const connection = connectionState({ tunnelId, clusterId }, { request });
    relay.report({ kind: "connection_opened", connection });
    await client.next("connections", (text) => text.includes('"path":"/live"'));
    const { id } = connection;
    report({
      connections: [
        { id, bytesIn: 1, bytesOut: 2, lastActivityAt: 3, messages: { in: 4, out: 5 } },
      ],
    });
    await client.next("connections", (text) =>
      text.includes(
        `"changed":[{"id":"${id}","bytes":{"in":1,"out":2},"messages":{"in":4,"out":5}}]`,
      ),
    );
    expect((await ask(`/api/v1/tunnels/${tunnelId}`)).json).toMatchObject({
      http: { webSocketsOpen: 1 },
    });
    relay.report({
      kind: "connection_closed",
      connection: { ...connection, closedAt: 9, closeReason: "completed", closeDetail: null },
    });
    const closed = await until("stored", async () => {
      const { items } = await listConnections(runtime, SYSTEM_ACTOR, { state: "closed", limit: 1 });
      return items[0];
    });
    expect(closed).toMatchObject({ id, request });
  });
});

describe("the settings", () => {
  it("say where the edge is, and whether relays have it open", async () => {
    const { relay, ask, tunnelId } = await setup();
    const edge = async () => ((await ask("/api/v1/settings")).json as { edge: object }).edge;
    expect(await edge()).toEqual({
      domain: "tunnel.test",
      port: 8080,
      state: "closed",
      reason: null,
    });
    relay.report({
      kind: "listener",
      listener: { tunnelId, port: 8080, state: "failed", reason: "in use", since: 1 },
    });
    await until("failed", async () => JSON.stringify(await edge()).includes('"reason":"in use"'));
  });
});
