import { execFile } from "node:child_process";
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { promisify } from "node:util";
import { afterEach, describe, expect, it } from "vitest";
import { inventoryOf, type FakeAgentOptions } from "#server/hub/testing/fake-agent.ts";
import {
  createHarnessBook,
  GATEWAY_PORT,
  TUNNEL,
  type TunnelSketch,
} from "#server/hub/testing/relay-harness.ts";

const book = createHarnessBook();
const sockets = new Set<Socket>();
afterEach(async () => {
  for (const socket of sockets) socket.close();
  sockets.clear();
  await book.close();
});

const UDP = {
  namespace: "shop",
  gateway: "edge",
  protocol: "udp",
  port: GATEWAY_PORT,
  hostname: null,
} as const;

async function bind(): Promise<Socket> {
  const socket = createSocket("udp4");
  sockets.add(socket);
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  return socket;
}

type Answer = (datagram: Uint8Array) => void;

/** A relay with one UDP tunnel, and a UDP service behind a fake agent. */
async function setup(
  onDatagram: (datagram: Buffer, answer: Answer) => void = (datagram, answer) => answer(datagram),
  sketch: Partial<TunnelSketch> = {},
) {
  const { harness, relayPort, tunnel } = await book.startWithTunnel({ target: UDP, ...sketch });
  const service = await bind();
  service.on("message", (datagram, from) =>
    onDatagram(datagram, (answer) => service.send(answer, from.port, from.address)),
  );
  const servicePort = service.address().port;
  const serve = async (over: Partial<FakeAgentOptions> = {}) => {
    const agent = harness.agent({ target: () => servicePort, ...over });
    await agent.start(inventoryOf([GATEWAY_PORT], 1, "udp"));
    return agent;
  };
  const client = async () => {
    const socket = await bind();
    const heard: Buffer[] = [];
    socket.on("message", (datagram) => heard.push(datagram));
    return {
      address: `127.0.0.1:${socket.address().port}`,
      send: (datagram: Uint8Array | string) =>
        socket.send(Buffer.from(datagram), relayPort, "127.0.0.1"),
      words: () => heard.map(String),
      sizes: () => heard.map(({ byteLength }) => byteLength),
    };
  };
  const nothing = { upsert: [], remove: [] };
  const switchTo = (state: "open" | "stopped" | "disabled") =>
    harness.web.change({
      clusters: nothing,
      tokens: nothing,
      tunnels: { upsert: [{ ...tunnel, state }], remove: [] },
    });
  return { harness, relayPort, switchTo, service, serve, client };
}

/** Sends a datagram from port 0, which only a raw socket can. */
const FORGE = `
use Socket;
socket(my $raw, PF_INET, SOCK_RAW, 17) or die "no raw socket: $!";
send($raw, pack("nnnna*", 0, $ARGV[0], 8 + 6, 0, "forged"), 0, sockaddr_in(0, INADDR_LOOPBACK)) or die $!;
`;
const canForge = process.platform === "linux" && process.getuid?.() === 0;

describe("a UDP association through the relay", () => {
  it("is a connection like others: seen while it lives, recorded when it was quiet for too long", async () => {
    const { harness, serve, client } = await setup(undefined, {
      policy: { idleTimeoutMs: 10_000 },
    });
    await serve();
    const alice = await client();
    alice.send("hello");
    await expect.poll(alice.words).toEqual(["hello"]);
    const opened = await harness.web.event("connection_opened");
    expect(opened.connection).toMatchObject({ tunnelId: TUNNEL, clientAddress: alice.address });
    await harness.web.event("connection_established", ({ id }) => id === opened.connection.id);
    harness.relay.sweep();
    harness.clock.advance(10_001);
    harness.relay.sweep();
    const { connection } = await harness.web.event("connection_closed");
    expect(connection).toMatchObject({ id: opened.connection.id, closeReason: "idle_timeout" });
    const [tally] = harness.relay.connections.snapshot().counters;
    expect(tally).toMatchObject({ opened: 1, open: 0, datagrams: { in: 1, out: 1, dropped: 0 } });
    alice.send("again");
    await expect.poll(alice.words).toEqual(["hello", "again"]);
  });

  it("keeps datagrams whole, from an empty one to the largest", async () => {
    const { serve, client } = await setup();
    await serve();
    const alice = await client();
    const sizes = [0, 65_507, 1];
    for (const [n, size] of sizes.entries()) {
      alice.send(new Uint8Array(size));
      await expect.poll(alice.sizes).toHaveLength(n + 1);
    }
    expect(alice.sizes()).toEqual(sizes);
  });

  it("gives every client its own answers, at any time", async () => {
    const { serve, client } = await setup((datagram, answer) => {
      for (const n of [1, 2]) answer(Buffer.from(`${String(datagram)} ${n}`));
    });
    await serve();
    const [alice, bob] = [await client(), await client()];
    alice.send("a");
    bob.send("b");
    await expect.poll(alice.words).toEqual(["a 1", "a 2"]);
    await expect.poll(bob.words).toEqual(["b 1", "b 2"]);
  });

  it("waits for an agent with its first datagrams", async () => {
    const { harness, serve, client } = await setup();
    const alice = await client();
    for (const word of ["one", "two"]) alice.send(word);
    await harness.web.event("connection_opened");
    await serve();
    await expect.poll(alice.words).toEqual(["one", "two"]);
  });

  it("says that nothing listens when the network said so", async () => {
    const { harness, service, serve, client } = await setup();
    await serve();
    sockets.delete(service);
    service.close();
    await once(service, "close");
    const alice = await client();
    alice.send("anybody?");
    const { connection } = await harness.web.event("connection_closed");
    expect(connection).toMatchObject({ closeReason: "dial_refused" });
    expect(connection.closeDetail).toContain("ICMP");
  });

  it("tells what the agent answered", async () => {
    const { harness, serve, client } = await setup();
    await serve({ target: () => "no_backend" });
    (await client()).send("x");
    const { connection } = await harness.web.event("connection_closed");
    expect(connection).toMatchObject({ closeReason: "no_backend" });
  });

  it("is no weapon: a source that was never heard again gets no flood of answers", async () => {
    const { harness, serve, client } = await setup((datagram, answer) => {
      for (let n = 0; n < 20; n += 1) answer(new Uint8Array(1_400));
      if (String(datagram) === "last") answer(Buffer.from("end"));
    });
    await serve();
    const forged = await client();
    forged.send("12345678901234567890");
    await expect
      .poll(() => harness.relay.connections.snapshot().counters[0]?.datagrams)
      .toEqual({ in: 1, out: 1, dropped: 19 });
    expect(forged.sizes()).toEqual([1_400]);
    const real = await client();
    for (const [n, word] of ["a", "b", "c", "last"].entries()) {
      real.send(word.padEnd(50));
      await expect.poll(() => real.sizes().length).toBeGreaterThan(n);
    }
    real.send("last");
    await expect.poll(() => real.words().at(-1)).toBe("end");
  });

  it("lives on when the tunnel accepts nothing new, and is released when it is switched off", async () => {
    const { harness, switchTo, serve, client } = await setup();
    await serve();
    const [alice, bob] = [await client(), await client()];
    alice.send("a");
    await expect.poll(alice.words).toEqual(["a"]);
    await switchTo("stopped");
    await harness.web.event("listener", ({ listener }) => listener.state === "stopped");
    bob.send("b");
    alice.send("aa");
    await expect.poll(alice.words).toEqual(["a", "aa"]);
    expect(bob.words()).toEqual([]);
    await switchTo("disabled");
    const { connection } = await harness.web.event("connection_closed");
    expect(connection).toMatchObject({ closeReason: "tunnel_disabled" });
  });

  it("gives way when its source opens more than it may hold, and those in use stay", async () => {
    const { harness, relayPort, serve, client } = await setup();
    await serve();
    const alice = await client();
    for (const word of ["a", "b"]) {
      alice.send(word);
      await expect.poll(alice.words).toContain(word);
    }
    // As DNS clients do: a port of its own for every question.
    for (let asked = 0; asked < 1_100; asked += 100) {
      harness.clock.advance(1_000);
      const resolvers = await Promise.all(Array.from({ length: 100 }, () => bind()));
      await Promise.all(
        resolvers.map(async (resolver) => {
          resolver.send("who?", relayPort, "127.0.0.1");
          await once(resolver, "message");
          sockets.delete(resolver);
          resolver.close();
        }),
      );
    }
    await expect.poll(() => harness.relay.connections.size).toBe(1_000);
    alice.send("c");
    await expect.poll(alice.words).toEqual(["a", "b", "c"]);
    const [tally] = harness.relay.connections.snapshot().counters;
    // Not 1,101: the system gave some ports twice.
    expect(tally?.opened).toBeGreaterThan(1_000);
    expect(tally).toMatchObject({ failed: 0, datagrams: { dropped: 0 } });
  });

  it("leaves nothing behind when it gave way before there was an agent", async () => {
    const { harness, relayPort, serve } = await setup();
    for (let asked = 0; asked < 1_100; asked += 100) {
      harness.clock.advance(1_000);
      const resolvers = await Promise.all(Array.from({ length: 100 }, () => bind()));
      for (const resolver of resolvers) resolver.send("who?", relayPort, "127.0.0.1");
      await expect.poll(() => harness.relay.connections.size).toBe(asked + 100);
    }
    await serve();
    await expect.poll(() => harness.relay.connections.size).toBe(1_000);
  });

  it("ends when its tunnel opens again, so that the port is free for everybody", async () => {
    const { harness, switchTo, serve, client } = await setup();
    await serve();
    const [alice, bob] = [await client(), await client()];
    alice.send("a");
    await expect.poll(alice.words).toEqual(["a"]);
    await switchTo("stopped");
    await harness.web.event("listener", ({ listener }) => listener.state === "stopped");
    await switchTo("open");
    const { connection } = await harness.web.event("connection_closed");
    expect(connection).toMatchObject({ closeReason: "tunnel_disabled" });
    const state = await harness.web.event(
      "listener",
      ({ listener }) => listener.state !== "stopped",
    );
    expect(state.listener).toMatchObject({ state: "listening", reason: null });
    bob.send("b");
    alice.send("aa");
    await expect.poll(bob.words).toEqual(["b"]);
    await expect.poll(alice.words).toEqual(["a", "aa"]);
  });

  it("is lost with its agent's link, and begins anew over the next one", async () => {
    const { harness, serve, client } = await setup();
    const agent = await serve();
    const alice = await client();
    alice.send("a");
    await expect.poll(alice.words).toEqual(["a"]);
    agent.kill();
    const { connection } = await harness.web.event("connection_closed");
    expect(connection).toMatchObject({ closeReason: "agent_lost" });
    alice.send("b");
    await serve();
    await expect.poll(alice.words).toEqual(["a", "b"]);
  });

  it("is cut at once when the relay shuts down: another process can have the port", async () => {
    const { harness, serve, client } = await setup();
    await serve();
    const alice = await client();
    alice.send("a");
    await expect.poll(alice.words).toEqual(["a"]);
    const stopping = harness.relay.stop(30_000);
    const { connection } = await harness.web.event("connection_closed");
    expect(connection).toMatchObject({ closeReason: "relay_shutdown" });
    await stopping;
  });

  it.skipIf(!canForge)(
    "is not opened for port 0 (skipped where raw sockets are not allowed)",
    async () => {
      const { harness, relayPort, serve, client } = await setup();
      await serve();
      await promisify(execFile)("perl", ["-e", FORGE, String(relayPort)]);
      await expect
        .poll(() => harness.relay.connections.snapshot().counters[0]?.datagrams)
        .toMatchObject({ in: 0, dropped: 1 });
      const alice = await client();
      alice.send("still there?");
      await expect.poll(alice.words).toEqual(["still there?"]);
    },
  );

  it("is refused beyond the tunnel's limit", async () => {
    const { harness, serve, client } = await setup(undefined, { policy: { maxConnections: 1 } });
    await serve();
    const [alice, bob] = [await client(), await client()];
    alice.send("a");
    await expect.poll(alice.words).toEqual(["a"]);
    bob.send("b");
    const { connection } = await harness.web.event("connection_closed");
    expect(connection).toMatchObject({ closeReason: "limit_reached", clientAddress: bob.address });
  });
});
