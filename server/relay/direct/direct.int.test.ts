import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { TunnelId } from "#protocol/api/ids.ts";
import type { RoutingMode } from "#protocol/api/routing.ts";
import {
  createHarnessBook,
  desiredOf,
  dial,
  freePort,
  readAll,
  tunnelOf,
  TUNNEL,
  type Harness,
} from "#server/hub/testing/relay-harness.ts";

/** A second address of this machine, as a Gateway would have one. */
const GATEWAY = "127.0.77.1";
const LISTED = { directCidrs: ["127.0.77.0/24"] };

const book = createHarnessBook();
const servers = new Set<Server>();
afterEach(async () => {
  await book.close();
  for (const server of servers) server.close();
  servers.clear();
});

/** The service behind the Gateway's own address; names itself, then echoes. */
async function listenAt(port: number, onSocket: (socket: Socket) => void = greet): Promise<Server> {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on("error", () => undefined);
    server.once("stop", () => socket.destroy());
    onSocket(socket);
  });
  servers.add(server);
  await new Promise<void>((resolve) => server.listen(port, GATEWAY, resolve));
  return server;
}

function greet(socket: Socket): void {
  socket.write("direct:");
  socket.pipe(socket);
}

async function stop(server: Server): Promise<void> {
  servers.delete(server);
  server.emit("stop");
  await new Promise((resolve) => server.close(resolve));
}

async function setup(mode: RoutingMode, over: Partial<Parameters<typeof tunnelOf>[0]> = {}) {
  const port = await freePort();
  const direct = [{ host: GATEWAY, port }];
  const { harness, relayPort, tunnel } = await book.startWithTunnel(
    { mode, direct, ...over },
    LISTED,
  );
  return { harness, relayPort, tunnel, port };
}

const verified = (harness: Harness) =>
  harness.web.event("direct", ({ direct }) => direct.state === "verified");
const stopped = (harness: Harness) =>
  harness.web.event("listener", ({ listener }) => listener.state === "stopped");

describe("a direct address", () => {
  it("is verified by dialling it, and said once", async () => {
    const { harness, port } = await setup("dual");
    const first = await harness.web.event("direct");
    expect(first.direct).toMatchObject({ state: "unverified", address: `${GATEWAY}:${port}` });
    const refused = await harness.web.event(
      "direct",
      ({ direct }) => direct.reason?.endsWith("refuses connections.") === true,
    );
    expect(refused.direct.state).toBe("unverified");
    await listenAt(port);
    const { direct } = await verified(harness);
    expect(direct).toMatchObject({ tunnelId: TUNNEL, reason: null, address: `${GATEWAY}:${port}` });
    expect(direct.rttMs).toBeGreaterThan(0);
  });

  it("is not believed where whoever connects is cut at once", async () => {
    const { harness, port } = await setup("dual");
    await listenAt(port, (socket) => socket.resetAndDestroy());
    const { direct } = await harness.web.event(
      "direct",
      ({ direct: { reason } }) => reason?.endsWith("cuts connections at once.") === true,
    );
    expect(direct.state).toBe("unverified");
  });

  it.each([
    ["a listener of our own", GATEWAY, "relay port"],
    ["a metadata address", "169.254.169.254", 80],
    ["loopback that is not listed", "127.0.0.1", 5432],
    ["a name that leads to loopback", "evil.example.com", 5432],
    ["a name that leads to a metadata address", "meta.example.com", 80],
  ])("is never dialled when it is %s", async (_what, host, at) => {
    const relayPort = await freePort();
    const port = typeof at === "number" ? at : relayPort;
    const direct = [{ host, port }];
    const harness = await book.start({
      desired: desiredOf({ tunnels: [tunnelOf({ relayPort, mode: "dual", direct })] }),
      names: { "evil.example.com": ["127.0.0.1"], "meta.example.com": ["169.254.169.254"] },
      ...LISTED,
    });
    const { direct: said } = await harness.web.event("direct", ({ direct: { reason } }) =>
      /never dialled|CULVERT_DIRECT_CIDRS|listener of this server/.test(reason ?? ""),
    );
    expect(said).toMatchObject({ state: "unverified", address: `${host}:${port}` });
    const { direct: snapshot } = await takeSnapshot(harness);
    expect(snapshot).toMatchObject([{ tunnelId: TUNNEL, state: "unverified" }]);
  });

  it("is found behind a name, and the second one serves when the first does not answer", async () => {
    const [relayPort, port] = [await freePort(), await freePort()];
    const direct = [
      { host: "127.0.77.9", port },
      { host: "lb.example.com", port },
    ];
    await listenAt(port);
    const harness = await book.start({
      desired: desiredOf({ tunnels: [tunnelOf({ relayPort, mode: "dual", direct })] }),
      names: { "lb.example.com": ["169.254.169.254", GATEWAY] },
      ...LISTED,
    });
    expect((await verified(harness)).direct.address).toBe(`lb.example.com:${port}`);
  });

  it("is probed once for all tunnels that share it", async () => {
    const port = await freePort();
    let probes = 0;
    await listenAt(port, () => void (probes += 1));
    const tunnels = await Promise.all(
      Array.from({ length: 20 }, async (_none, i) =>
        tunnelOf({
          id: TunnelId.parse(`tn_000000000000000000${String(i).padStart(2, "0")}`),
          relayPort: await freePort(),
          mode: "dual",
          direct: [{ host: GATEWAY, port }],
        }),
      ),
    );
    const harness = await book.start({ desired: desiredOf({ tunnels }), ...LISTED });
    const ids = new Set<string>();
    for (const { id } of tunnels) {
      const { direct } = await harness.web.event(
        "direct",
        (event) => event.direct.tunnelId === id && event.direct.state === "verified",
      );
      ids.add(direct.tunnelId);
    }
    expect(ids.size).toBe(20);
    expect(probes).toBeLessThan(6);
  });

  it("is forgotten when nobody wants it any more", async () => {
    const { harness, port, tunnel } = await setup("dual");
    await listenAt(port);
    await verified(harness);
    await harness.web.desire(desiredOf({ tunnels: [{ ...tunnel, mode: "tunnel", direct: [] }] }));
    const { direct } = await harness.web.event("direct", (event) => event.direct.address === null);
    expect(direct).toMatchObject({ tunnelId: TUNNEL, state: "unverified" });
    expect((await takeSnapshot(harness)).direct).toEqual([]);
  });
});

describe("mode direct", () => {
  it("closes the relay port once the address is verified; who is connected stays", async () => {
    const { harness, relayPort, port } = await setup("direct");
    const service = await harness.service((socket) => void socket.pipe(socket));
    await harness.serve(service);
    const client = await dial(relayPort);
    await harness.web.event("connection_established");
    await listenAt(port);
    await verified(harness);
    await stopped(harness);
    await expect(dial(relayPort)).rejects.toMatchObject({ code: "ECONNREFUSED" });
    client.end("still here");
    expect(await readAll(client)).toEqual({ text: "still here", error: null });
    const { connection } = await harness.web.event("connection_closed");
    expect(connection).toMatchObject({ closeReason: "completed", via: "agent" });
  });

  it("opens the relay port again within ten seconds of an outage", async () => {
    const { harness, relayPort, port } = await setup("direct");
    await harness.serve(await harness.service((socket) => void socket.pipe(socket)));
    const service = await listenAt(port);
    await stopped(harness);
    const goneAt = performance.now();
    await stop(service);
    const { direct } = await harness.web.event(
      "direct",
      (event) => event.direct.state === "not_answering",
    );
    expect(direct.reason).toBe(`${GATEWAY}:${port} refuses connections.`);
    await harness.web.eventCount("listener", 3);
    expect(performance.now() - goneAt).toBeLessThan(10_000);
    const client = await dial(relayPort);
    client.end("through the agent");
    expect((await readAll(client)).text).toBe("through the agent");
  });

  it("stands by at the first probe that is not answered, before the address is given up", async () => {
    const { harness, port } = await setup("direct");
    const service = await listenAt(port);
    await stopped(harness);
    await stop(service);
    await harness.web.event("direct", ({ direct }) => direct.state === "not_answering");
    await harness.web.eventCount("listener", 3);
    const order = harness.web.events().flatMap((event) => {
      if (event.kind === "listener") return [event.listener.state];
      return event.kind === "direct" ? [event.direct.state] : [];
    });
    expect(order.lastIndexOf("listening")).toBeLessThan(order.indexOf("not_answering"));
  });

  it("gives connections their time on the relay, then asks them over", async () => {
    const { harness, relayPort, port } = await setup("direct", {
      policy: { directDrainMs: 60_000, idleTimeoutMs: 600_000 },
    });
    await harness.serve(await harness.service((socket) => void socket.pipe(socket)));
    const client = await dial(relayPort);
    const answer = readAll(client);
    await harness.web.event("connection_established");
    await listenAt(port);
    await stopped(harness);
    harness.relay.sweep();
    expect(harness.relay.connections.size).toBe(1);
    harness.clock.advance(59_000);
    harness.relay.sweep();
    expect(harness.relay.connections.size).toBe(1);
    harness.clock.advance(1_500);
    harness.relay.sweep();
    expect((await answer).error).toBe("ECONNRESET");
    const { connection } = await harness.web.event("connection_closed");
    expect(connection.closeReason).toBe("moved_to_direct");
  });
});

describe("mode dual", () => {
  it("dials the verified address itself while no agent is there", async () => {
    const { harness, relayPort, port } = await setup("dual");
    await listenAt(port);
    await verified(harness);
    const client = await dial(relayPort);
    client.end("hello");
    expect(await readAll(client)).toEqual({ text: "direct:hello", error: null });
    const established = await harness.web.event("connection_established");
    expect(established).toMatchObject({ via: "direct", agentId: null, agentName: null });
    const { connection } = await harness.web.event("connection_closed");
    expect(connection).toMatchObject({
      via: "direct",
      agentId: null,
      bytesIn: 5,
      bytesOut: 12,
      closeReason: "completed",
    });
  });

  it("prefers an agent", async () => {
    const { harness, relayPort, port } = await setup("dual");
    await harness.serve(await harness.service((socket) => void socket.pipe(socket)));
    await listenAt(port);
    await verified(harness);
    const client = await dial(relayPort);
    client.end("hello");
    expect((await readAll(client)).text).toBe("hello");
    expect((await harness.web.event("connection_closed")).connection.via).toBe("agent");
  });

  it("takes clients over who wait for an agent, as soon as the address is verified", async () => {
    const { harness, relayPort, port } = await setup("dual", {
      policy: { connectTimeoutMs: 30_000 },
    });
    const client = await dial(relayPort);
    await harness.web.event("connection_opened");
    await listenAt(port);
    client.end("patient");
    expect((await readAll(client)).text).toBe("direct:patient");
  });

  it("goes on waiting for an agent when the dial fails, and names the failure in the end", async () => {
    const { harness, relayPort, port } = await setup("dual");
    const service = await listenAt(port);
    await verified(harness);
    await stop(service);
    const [lucky, unlucky] = [await dial(relayPort), await dial(relayPort)];
    await harness.web.eventCount("connection_opened", 2);
    const answer = readAll(unlucky);
    lucky.destroy();
    harness.clock.advance(6_000);
    await harness.web.event("connection_closed");
    expect((await answer).error).toBe("ECONNRESET");
    const { connection } = await harness.web.event(
      "connection_closed",
      (event) => event.connection.closeReason === "dial_refused",
    );
    expect(connection).toMatchObject({
      via: "agent",
      closeDetail: `${GATEWAY}:${port} refuses connections.`,
    });
  });

  it("holds a fast service back while the client does not read", async () => {
    const { harness, relayPort, port } = await setup("dual");
    const block = Buffer.alloc(1024 * 1024, 7);
    const total = 128 * block.byteLength;
    let sent = 0;
    const stuck = Promise.withResolvers<void>();
    const pour = (socket: Socket): void => {
      while (sent < total) {
        sent += block.byteLength;
        if (socket.write(block)) continue;
        const timer = setTimeout(() => stuck.resolve(), 500);
        socket.once("drain", () => {
          clearTimeout(timer);
          pour(socket);
        });
        return;
      }
      socket.end();
    };
    // Probes never say a word.
    await listenAt(port, (socket) => void socket.once("data", () => pour(socket)));
    await verified(harness);
    const client = await dial(relayPort);
    client.write("go");
    await stuck.promise;
    expect(sent).toBeLessThan(total / 2);
    let received = 0;
    client.on("data", (chunk: Buffer) => void (received += chunk.byteLength));
    await once(client, "end");
    expect(received).toBe(total);
    client.end();
  });

  it("is cut by an operator, and when it is idle for too long", async () => {
    const { harness, relayPort, port } = await setup("dual", { policy: { idleTimeoutMs: 10_000 } });
    await listenAt(port);
    await verified(harness);
    const client = await dial(relayPort);
    const answer = readAll(client);
    await harness.web.event("connection_opened");
    expect(await harness.web.closeConnections({ tunnelId: TUNNEL }, "closed_by_operator")).toBe(1);
    expect((await answer).error).toBe("ECONNRESET");
    const idle = readAll(await dial(relayPort));
    await harness.web.eventCount("connection_established", 2);
    harness.relay.sweep();
    harness.clock.advance(11_000);
    harness.relay.sweep();
    expect((await idle).error).toBe("ECONNRESET");
    await harness.web.event(
      "connection_closed",
      ({ connection }) => connection.closeReason === "idle_timeout",
    );
  });
});

async function takeSnapshot(harness: Harness) {
  await harness.web.stop();
  await harness.web.start(desiredOf());
  const message = await harness.web.message(({ type }) => type === "snapshot");
  if (message.type !== "snapshot") throw new Error("no snapshot");
  return message.snapshot;
}
