import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import type { Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { TunnelId } from "#protocol/api/ids.ts";
import { DIAL_STATUSES, type DialStatus } from "#protocol/control/stream-header.ts";
import { inventoryOf } from "#server/hub/testing/fake-agent.ts";
import {
  createHarnessBook,
  desiredOf,
  dial,
  dialAndRead,
  freePort,
  GATEWAY_PORT,
  readAll,
  TUNNEL,
  tunnelOf,
} from "#server/hub/testing/relay-harness.ts";

const book = createHarnessBook();
afterEach(book.close);

const echo = (socket: Socket): void => void socket.pipe(socket);
const silent = (): void => undefined;
const failures = (Object.keys(DIAL_STATUSES) as DialStatus[]).filter((status) => status !== "ok");

describe("a connection through the relay", () => {
  it("carries bytes both ways and reports its whole life", async () => {
    const { harness, relayPort } = await book.startWithTunnel();
    await harness.serve(await harness.service(echo));
    const client = await dial(relayPort);
    const clientAddress = `127.0.0.1:${client.localPort}`;
    client.end("hello, service");
    expect(await readAll(client)).toEqual({ text: "hello, service", error: null });

    const { connection } = await harness.web.event("connection_closed");
    expect(connection).toMatchObject({
      tunnelId: TUNNEL,
      agentName: "host-1",
      clientAddress,
      bytesIn: 14,
      bytesOut: 14,
      closeReason: "completed",
      closeDetail: null,
    });
    const opened = await harness.web.event("connection_opened");
    expect(opened.connection).toMatchObject({ id: connection.id, openLatencyMs: null });
    const established = await harness.web.event("connection_established");
    expect(established).toMatchObject({ id: connection.id, agentName: "host-1" });
    expect(established.openLatencyMs).toBeGreaterThan(0);
  });

  it("keeps half-close: a service answers after the client has ended", async () => {
    const { harness, relayPort } = await book.startWithTunnel();
    const service = await harness.service((socket) => {
      socket.resume();
      socket.on("end", () => socket.end("after the end"));
    });
    await harness.serve(service);
    const client = await dial(relayPort);
    client.end("question");
    expect(await readAll(client)).toEqual({ text: "after the end", error: null });
  });

  it("keeps half-close the other way: a client goes on after the service has ended", async () => {
    const { harness, relayPort } = await book.startWithTunnel();
    const heard = Promise.withResolvers<string>();
    const service = await harness.service((socket) => {
      socket.end("that is all");
      void readAll(socket).then(({ text }) => heard.resolve(text));
    });
    await harness.serve(service);
    const client = await dial(relayPort);
    expect((await readAll(client)).text).toBe("that is all");
    client.end("thank you");
    expect(await heard.promise).toBe("thank you");
    expect((await harness.web.event("connection_closed")).connection.closeReason).toBe("completed");
  });

  it("loses and reorders nothing in 32 MiB each way", async () => {
    const { harness, relayPort } = await book.startWithTunnel();
    await harness.serve(await harness.service(echo));
    const client = await dial(relayPort);
    const block = randomBytes(1024 * 1024);
    const [sent, received] = [createHash("sha256"), createHash("sha256")];
    client.on("data", (chunk: Buffer) => void received.update(chunk));
    for (let i = 0; i < 32; i++) {
      block.writeUInt32BE(i);
      sent.update(block);
      if (!client.write(Buffer.from(block))) await once(client, "drain");
    }
    client.end();
    await once(client, "end");
    expect(received.digest("hex")).toBe(sent.digest("hex"));
  });

  it("carries a thousand connections that come at once", async () => {
    const { harness, relayPort } = await book.startWithTunnel();
    await harness.serve(await harness.service(echo));
    const answers = await Promise.all(
      Array.from({ length: 1_000 }, async (_none, i) => {
        const client = await dial(relayPort);
        client.end(`client ${i}`);
        return (await readAll(client)).text;
      }),
    );
    expect(answers).toEqual(Array.from({ length: 1_000 }, (_none, i) => `client ${i}`));
    await harness.web.eventCount("connection_closed", 1_000);
    expect(harness.relay.connections.size).toBe(0);
  });

  it.each(failures)("resets the client and says why when the agent answers %s", async (status) => {
    const { harness, relayPort } = await book.startWithTunnel();
    await harness.serve(0, { target: () => status });
    expect((await dialAndRead(relayPort)).error).toBe("ECONNRESET");
    const { connection } = await harness.web.event("connection_closed");
    expect(connection).toMatchObject({
      closeReason: DIAL_STATUSES[status].closeReason,
      closeDetail: `fake says ${status}`,
      agentName: "host-1",
      openLatencyMs: null,
    });
  });

  it("says so when the agent gives up without an answer", async () => {
    const { harness, relayPort } = await book.startWithTunnel();
    await harness.serve(0, { target: () => "hang_up" });
    expect((await dialAndRead(relayPort)).error).toBe("ECONNRESET");
    const { connection } = await harness.web.event("connection_closed");
    expect(connection.closeReason).toBe("dial_failed");
  });

  it("gives up on an agent that never answers", async () => {
    const { harness, relayPort } = await book.startWithTunnel({
      policy: { connectTimeoutMs: 5_000 },
    });
    await harness.serve(0, { target: () => "silence" });
    const client = await dial(relayPort);
    const answer = readAll(client);
    await harness.web.event("connection_opened");
    harness.clock.advance(6_000);
    harness.relay.sweep();
    expect(harness.relay.connections.size).toBe(1);
    harness.clock.advance(1_000);
    harness.relay.sweep();
    expect((await answer).error).toBe("ECONNRESET");
    const { connection } = await harness.web.event("connection_closed");
    expect(connection.closeReason).toBe("dial_timeout");
  });

  it("tells a service that cuts from a client that goes away", async () => {
    const { harness, relayPort } = await book.startWithTunnel();
    const sockets: Socket[] = [];
    await harness.serve(await harness.service((socket) => void sockets.push(socket)));
    const [first, second] = [await dial(relayPort), await dial(relayPort)];
    await harness.web.eventCount("connection_established", 2);
    first.resetAndDestroy();
    const gone = await harness.web.event("connection_closed");
    expect(gone.connection.closeReason).toBe("client_reset");
    const answer = readAll(second);
    for (const socket of sockets) socket.resetAndDestroy();
    expect((await answer).error).toBe("ECONNRESET");
    await harness.web.event(
      "connection_closed",
      ({ connection }) => connection.closeReason === "upstream_reset",
    );
  });
});

describe("links under connections", () => {
  it("spreads new connections over two agents and goes on with one when the other dies", async () => {
    const { harness, relayPort } = await book.startWithTunnel();
    const service = await harness.service((socket) => void socket.write("x"));
    const a = await harness.serve(service, { agentId: "a" });
    await harness.serve(service, { agentId: "b" });
    const clients = await Promise.all(Array.from({ length: 10 }, () => dial(relayPort)));
    const ended = clients.map((client) => readAll(client));
    await harness.web.eventCount("connection_established", 10);
    const names = harness.web
      .events()
      .flatMap((event) => (event.kind === "connection_established" ? [event.agentName] : []));
    expect(names.filter((name) => name === "a")).toHaveLength(5);

    a.kill();
    await harness.web.eventCount("connection_closed", 5);
    for (const event of harness.web.events()) {
      if (event.kind !== "connection_closed") continue;
      expect(event.connection).toMatchObject({ closeReason: "agent_lost", agentName: "a" });
    }
    const next = await dial(relayPort);
    next.once("data", () => next.end());
    await harness.web.event(
      "connection_established",
      ({ id }) => harness.relay.connections.find(id)?.link?.agentName === "b",
    );
    for (const client of clients) client.destroy();
    await Promise.all(ended);
  });

  it("cuts the client and says agent_lost when the agent is killed in mid-transfer", async () => {
    const { harness, relayPort } = await book.startWithTunnel();
    const block = Buffer.alloc(256 * 1024, 7);
    const service = await harness.service((socket) => {
      const write = (): void => {
        while (socket.writable && socket.write(block)) {
          // As fast as it goes.
        }
      };
      socket.on("drain", write);
      write();
    });
    const agent = await harness.serve(service);
    const client = await dial(relayPort);
    const answer = readAll(client);
    await expect.poll(() => client.bytesRead).toBeGreaterThan(4 * 1024 * 1024);
    agent.kill();
    expect((await answer).error).toBe("ECONNRESET");
    const { connection } = await harness.web.event("connection_closed");
    expect(connection.closeReason).toBe("agent_lost");
    expect(connection.bytesOut).toBeGreaterThanOrEqual(client.bytesRead);
  });

  it("holds a client until an agent comes", async () => {
    const { harness, relayPort } = await book.startWithTunnel();
    const client = await dial(relayPort);
    client.end("patience");
    const answer = readAll(client);
    await harness.web.event("connection_opened");
    await harness.serve(await harness.service(echo));
    expect((await answer).text).toBe("patience");
  });

  it("resets a client for whom no agent came in time", async () => {
    const { harness, relayPort } = await book.startWithTunnel({
      policy: { connectTimeoutMs: 5_000 },
    });
    const answer = dialAndRead(relayPort);
    await harness.web.event("connection_opened");
    harness.clock.advance(4_000);
    harness.relay.sweep();
    expect(harness.relay.connections.size).toBe(1);
    harness.clock.advance(1_000);
    harness.relay.sweep();
    expect((await answer).error).toBe("ECONNRESET");
    expect((await harness.web.event("connection_closed")).connection).toMatchObject({
      closeReason: "agent_offline",
      agentId: null,
    });
  });

  it("asks no agent that did not report the listener, and none that drains", async () => {
    const { harness, relayPort } = await book.startWithTunnel();
    const service = await harness.service((socket) => void socket.end("from the right one"));
    const stranger = harness.agent({ agentId: "stranger", target: () => "not_found" });
    await stranger.start(inventoryOf([GATEWAY_PORT + 1]));
    const leaving = harness.agent({ agentId: "leaving", target: () => "not_found" });
    await leaving.start(inventoryOf([GATEWAY_PORT]));
    leaving.send("drain", { reason: "test" });
    await harness.web.event("link_changed", ({ link }) => link.draining);
    await harness.serve(service, { agentId: "right" });
    for (let i = 0; i < 5; i++) {
      const client = await dial(relayPort);
      expect((await readAll(client)).text).toBe("from the right one");
      client.destroy();
    }
  });
});

describe("limits and closing", () => {
  it("refuses the connection after the last one allowed, and takes one again when one has gone", async () => {
    const { harness, relayPort } = await book.startWithTunnel({ policy: { maxConnections: 2 } });
    await harness.serve(await harness.service(echo));
    const clients = [await dial(relayPort), await dial(relayPort)];
    await harness.web.eventCount("connection_established", 2);
    expect((await dialAndRead(relayPort)).error).toBe("ECONNRESET");
    const { connection } = await harness.web.event("connection_closed");
    expect(connection.closeReason).toBe("limit_reached");
    for (const client of clients) client.resetAndDestroy();
    await harness.web.eventCount("connection_closed", 3);
    const client = await dial(relayPort);
    client.end("room again");
    expect((await readAll(client)).text).toBe("room again");
  });

  it("keeps no record of each client in a flood, and counts them all", async () => {
    const { harness, relayPort } = await book.startWithTunnel({ policy: { maxConnections: 1 } });
    await harness.serve(await harness.service(echo));
    await dial(relayPort);
    await harness.web.event("connection_established");
    await Promise.all(
      Array.from({ length: 60 }, async () => {
        await dialAndRead(relayPort);
      }),
    );
    harness.relay.sweep();
    await harness.web.message(
      (message) =>
        message.type === "counters" && message.tunnels.some(({ failed }) => failed === 60),
    );
    // Ten a second; the flood may touch three seconds.
    const records = harness.web.events().filter(({ kind }) => kind === "connection_closed");
    expect(records.length).toBeLessThanOrEqual(30);
  });

  it("closes what was idle for too long, and nothing that was not", async () => {
    const { harness, relayPort } = await book.startWithTunnel({
      policy: { idleTimeoutMs: 60_000 },
    });
    await harness.serve(await harness.service(echo), { heartbeatMs: 10 });
    const [idle, busy] = [await dial(relayPort), await dial(relayPort)];
    const answer = readAll(idle);
    await harness.web.eventCount("connection_established", 2);
    harness.clock.advance(28_000);
    harness.relay.sweep();
    busy.write("x");
    await once(busy, "data");
    harness.relay.sweep();
    harness.clock.advance(32_000);
    harness.relay.connections.sweep();
    expect((await answer).error).toBe("ECONNRESET");
    const { connection } = await harness.web.event("connection_closed");
    expect(connection.closeReason).toBe("idle_timeout");
    expect(harness.relay.connections.size).toBe(1);
    busy.destroy();
  });

  it("closes what an operator names: one, all of a tunnel", async () => {
    const { harness, relayPort } = await book.startWithTunnel();
    await harness.serve(await harness.service(echo));
    const clients = await Promise.all(Array.from({ length: 3 }, () => dial(relayPort)));
    const answers = clients.map((client) => readAll(client));
    await harness.web.eventCount("connection_established", 3);
    const { connection } = await harness.web.event("connection_opened");
    const one = await harness.web.closeConnections(
      { connectionIds: [connection.id] },
      "closed_by_operator",
    );
    expect(one).toBe(1);
    await harness.web.event("connection_closed", (event) => event.connection.id === connection.id);
    expect(await harness.web.closeConnections({ tunnelId: TUNNEL }, "closed_by_operator")).toBe(2);
    for (const answer of answers) expect((await answer).error).toBe("ECONNRESET");
    await harness.web.eventCount("connection_closed", 3);
    for (const event of harness.web.events()) {
      if (event.kind !== "connection_closed") continue;
      expect(event.connection.closeReason).toBe("closed_by_operator");
    }
  });

  it("closes nothing for a filter that names nothing", async () => {
    const { harness, relayPort } = await book.startWithTunnel();
    await harness.serve(await harness.service(silent));
    await dial(relayPort);
    await harness.web.event("connection_established");
    expect(await harness.web.closeConnections({}, "closed_by_operator")).toBe(0);
  });

  it.each([
    ["disabled", "tunnel_disabled"],
    ["removed", "tunnel_removed"],
  ] as const)("releases the clients of a tunnel that is %s", async (how, closeReason) => {
    const { harness, relayPort, tunnel } = await book.startWithTunnel();
    await harness.serve(await harness.service(silent));
    const answer = dialAndRead(relayPort);
    await harness.web.event("connection_established");
    const tunnels = how === "removed" ? [] : [{ ...tunnel, state: "disabled" as const }];
    await harness.web.desire(desiredOf({ tunnels }));
    expect((await answer).error).toBe("ECONNRESET");
    expect((await harness.web.event("connection_closed")).connection).toMatchObject({
      closeReason,
    });
    await expect(dial(relayPort)).rejects.toMatchObject({ code: "ECONNREFUSED" });
  });

  it("leaves established connections alone when a tunnel stops accepting or changes its policy", async () => {
    const { harness, relayPort, tunnel } = await book.startWithTunnel();
    await harness.serve(await harness.service(echo));
    const client = await dial(relayPort);
    await harness.web.event("connection_established");
    const policy = { ...tunnel.policy, maxConnections: 1 };
    await harness.web.desire(desiredOf({ tunnels: [{ ...tunnel, state: "stopped", policy }] }));
    await expect(dial(relayPort)).rejects.toMatchObject({ code: "ECONNREFUSED" });
    client.end("still here");
    expect((await readAll(client)).text).toBe("still here");
  });

  it("lets those go at once who wait for an agent when the tunnel is withdrawn", async () => {
    const { harness, relayPort, tunnel } = await book.startWithTunnel();
    const answer = dialAndRead(relayPort);
    await harness.web.event("connection_opened");
    await harness.web.desire(desiredOf({ tunnels: [{ ...tunnel, state: "stopped" }] }));
    expect((await answer).error).toBe("ECONNRESET");
    expect((await harness.web.event("connection_closed")).connection).toMatchObject({
      closeReason: "tunnel_withdrawn",
      agentId: null,
    });
    expect(harness.relay.connections.size).toBe(0);
  });

  it("moves a tunnel to another port without breaking who came by the old one", async () => {
    const { harness, relayPort, tunnel } = await book.startWithTunnel();
    await harness.serve(await harness.service(echo));
    const client = await dial(relayPort);
    await harness.web.event("connection_established");
    const moved = tunnelOf({ ...tunnel, relayPort: await freePort() });
    const other = tunnelOf({ id: TunnelId.parse("tn_00000000000000000002"), relayPort });
    await harness.web.desire(desiredOf({ tunnels: [moved, other] }));
    (await dial(moved.relayPort)).destroy();
    (await dial(other.relayPort)).destroy();
    client.end("old way");
    expect((await readAll(client)).text).toBe("old way");
  });
});
