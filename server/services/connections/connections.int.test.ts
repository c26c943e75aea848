import { afterEach, describe, expect, it } from "vitest";
import { TunnelId } from "#protocol/api/ids.ts";
import { ClosedConnectionState } from "#protocol/relay/events.ts";
import { listAudit } from "#server/services/audit/list-audit.ts";
import { setupCluster } from "#server/services/testing/connect-agent.ts";
import {
  OPERATOR,
  RELAY,
  VIEWER,
  connectionOf,
  setupServices,
  tcpListener,
  type Services,
} from "#server/services/testing/setup-services.ts";
import { listTunnels } from "#server/services/tunnels/list-tunnels.ts";
import { closeConnection } from "./close-connection.ts";
import { closeConnections } from "./close-connections.ts";
import { listConnections } from "./list-connections.ts";
import { recordClosedConnections, toLost, type ClosedConnection } from "./record-closed.ts";

const open: Services[] = [];
async function setup() {
  const services = await setupServices();
  open.push(services);
  const { clusterId } = await setupCluster(services, [tcpListener(1), tcpListener(2)]);
  const { context } = services;
  const tunnels = (await listTunnels(context, VIEWER, { limit: 2 })).items;
  const [one, two] = tunnels.map(({ id }) => TunnelId.parse(id));
  if (one === undefined || two === undefined) throw new Error("two tunnels");
  const connect = (tunnelId: string) => {
    const connection = connectionOf(tunnelId, clusterId, context.now());
    context.live.relayEvent(RELAY.relayId, { kind: "connection_opened", connection });
    services.advance(1);
    return connection;
  };
  return { services, context, clusterId, one, two, connect };
}
afterEach(async () => {
  for (const services of open.splice(0)) await services.close();
});

const openQuery = { state: "open" as const, limit: 2 };

describe("listConnections", () => {
  it("pages through what is open, newest first, by tunnel or cluster", async () => {
    const { context, one, two, connect, clusterId } = await setup();
    const ids = [connect(one), connect(one), connect(one), connect(two)].map(({ id }) => id);
    const first = await listConnections(context, VIEWER, { ...openQuery, tunnelId: one });
    expect(first.items.map(({ id }) => id)).toEqual([ids[2], ids[1]]);
    const cursor = first.nextCursor ?? "";
    const rest = await listConnections(context, VIEWER, { ...openQuery, tunnelId: one, cursor });
    expect(rest).toMatchObject({ items: [{ id: ids[0], closedAt: null }], nextCursor: null });
    const ofCluster = { state: "open" as const, limit: 10, clusterId: clusterId };
    expect((await listConnections(context, VIEWER, ofCluster)).items).toHaveLength(4);
  });

  it("shows closed ones with their reason, newest first", async () => {
    const { context, one, connect, services } = await setup();
    const ids: string[] = [];
    for (let i = 0; i < 3; i++) {
      const connection = connect(one);
      ids.push(connection.id);
      const closed = { ...connection, relayId: RELAY.relayId };
      await recordClosedConnections(context, [toLost(closed, context.now())]);
      services.advance(1_000);
    }
    const query = { state: "closed" as const, limit: 2, tunnelId: one };
    const first = await listConnections(context, VIEWER, query);
    expect(first.items).toMatchObject([
      { id: ids[2], closeReason: "relay_lost" },
      { id: ids[1], closeReason: "relay_lost" },
    ]);
    const cursor = first.nextCursor ?? "";
    const rest = await listConnections(context, VIEWER, { ...query, cursor });
    expect(rest.items.map(({ id }) => id)).toEqual([ids[0]]);
  });
});

describe("recordClosedConnections", () => {
  it("keeps what was asked for, and how many messages a WebSocket carried", async () => {
    const { context, one, connect } = await setup();
    const request = { method: "GET", host: "shop.test", path: "/chat", upgrade: "websocket" };
    const messages = { in: 3, out: 5 };
    const webSocket = { ...connect(one), relayId: RELAY.relayId, request, messages };
    await recordClosedConnections(context, [toLost(webSocket, context.now())]);
    const query = { state: "closed" as const, limit: 1 };
    const { items } = await listConnections(context, VIEWER, query);
    expect(items).toMatchObject([{ id: webSocket.id, request, messages }]);
  });

  it("stores each once, however often it is told, in any number", async () => {
    const { context, one, clusterId } = await setup();
    const closed = Array.from({ length: 1_201 }, (_, i): ClosedConnection => ({
      ...ClosedConnectionState.parse({
        ...connectionOf(one, clusterId, context.now()),
        bytesIn: Number.MAX_SAFE_INTEGER,
        closedAt: i,
        closeReason: "completed",
        closeDetail: null,
      }),
      relayId: RELAY.relayId,
    }));
    await recordClosedConnections(context, closed.slice(0, 10));
    await recordClosedConnections(context, [...closed, ...closed]);
    expect(await context.db.connection.count()).toBe(1_201);
    const [stored] = (await listConnections(context, VIEWER, { state: "closed", limit: 1 })).items;
    expect(stored?.bytes.in).toBe(Number.MAX_SAFE_INTEGER);
  });
});

describe("closing", () => {
  it("cuts one connection, and writes down who did", async () => {
    const { context, one, connect } = await setup();
    const connection = connect(one);
    await closeConnection(context, OPERATOR, { id: connection.id });
    expect(context.relays.asked).toEqual([
      { filter: { connectionIds: [connection.id] }, reason: "closed_by_operator" },
    ]);
    const [event] = (await listAudit(context, VIEWER, { limit: 1 })).items;
    expect(event).toMatchObject({
      action: "connection.close",
      object: { kind: "connection", id: connection.id, name: connection.clientAddress },
      actor: { name: OPERATOR.name },
    });
    const again = closeConnection(context, OPERATOR, { id: connection.id });
    await expect(again).rejects.toMatchObject({ code: "not_found" });
  });

  it("says so while the relay that carries it cannot be reached", async () => {
    const { context, one, connect } = await setup();
    const { id } = connect(one);
    context.live.relayLost(RELAY.relayId);
    const closing = closeConnection(context, OPERATOR, { id });
    await expect(closing).rejects.toMatchObject({ code: "unavailable" });
    expect(context.relays.asked).toEqual([]);
  });

  it("cuts all of a tunnel and nothing else, and counts them", async () => {
    const { context, one, two, connect } = await setup();
    for (let i = 0; i < 3; i++) connect(one);
    connect(two);
    expect(await closeConnections(context, OPERATOR, { tunnelId: one })).toEqual({ closed: 3 });
    expect(context.live.connections.count({})).toBe(1);
    const [event] = (await listAudit(context, VIEWER, { limit: 1 })).items;
    expect(event).toMatchObject({ action: "connections.close", after: { closed: 3 } });
  });

  it("is not for viewers, nor for what is not there", async () => {
    const { context, one, connect } = await setup();
    const { id } = connect(one);
    await expect(closeConnection(context, VIEWER, { id })).rejects.toMatchObject({
      code: "forbidden",
    });
    const everything = closeConnections(context, VIEWER, { tunnelId: one });
    await expect(everything).rejects.toMatchObject({ code: "forbidden" });
    const missing = closeConnections(context, OPERATOR, {
      tunnelId: TunnelId.parse("tn_nobodynobody"),
    });
    await expect(missing).rejects.toMatchObject({ code: "not_found" });
    expect(context.relays.asked).toEqual([]);
  });
});
