import { once } from "node:events";
import type { Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import type { RelaySnapshot } from "#protocol/relay/channel.ts";
import {
  createHarnessBook,
  desiredOf,
  dial,
  freePort,
  GATEWAY_PORT,
  readAll,
  TOKEN,
  tokenOf,
  TUNNEL,
  tunnelOf,
  type Harness,
} from "#server/hub/testing/relay-harness.ts";

const book = createHarnessBook();
afterEach(book.close);

const echo = (socket: Socket): void => void socket.pipe(socket);

async function snapshotOf({ web }: Harness): Promise<RelaySnapshot> {
  const message = await web.message(({ type }) => type === "snapshot");
  if (message.type !== "snapshot") throw new Error("no snapshot");
  return message.snapshot;
}

async function webAway(harness: Harness): Promise<void> {
  await harness.web.stop();
  await expect.poll(() => harness.relay.isWebReachable).toBe(false);
}

describe("the relay channel", () => {
  it("says hello, tells everything, and confirms what it was told to serve", async () => {
    const { harness } = await book.startWithTunnel();
    const { messages } = harness.web;
    expect(messages[0]).toMatchObject({ type: "hello", relayId: "rl_1", version: "0.0.0-test" });
    expect(messages[1]).toEqual({
      type: "snapshot",
      snapshot: {
        links: [],
        inventories: [],
        connections: [],
        closedMeanwhile: [],
        counters: [],
        listeners: [],
        direct: [],
        refusals: [],
      },
    });
    // The listener is reported before the generation is.
    const kinds = messages.map((message) => message.type);
    expect(kinds.indexOf("events")).toBeLessThan(kinds.indexOf("applied"));
  });

  it("applies changes: a tunnel comes, and goes", async () => {
    const harness = await book.start();
    const tunnel = tunnelOf({ relayPort: await freePort() });
    const none = { upsert: [], remove: [] };
    await harness.web.change({
      clusters: none,
      tokens: none,
      tunnels: { upsert: [tunnel], remove: [] },
    });
    (await dial(tunnel.relayPort)).destroy();
    await harness.web.change({
      clusters: none,
      tokens: { upsert: [tokenOf("cvt_second")], remove: [tokenOf(TOKEN).tokenId] },
      tunnels: { upsert: [], remove: [tunnel.id] },
    });
    await expect(dial(tunnel.relayPort)).rejects.toMatchObject({ code: "ECONNREFUSED" });
    expect(await harness.agent().dial()).toMatchObject({ kind: "refused" });
    expect(await harness.agent({ token: "cvt_second" }).dial()).toMatchObject({
      kind: "connected",
    });
  });

  it("counts once a second what changed, and nothing twice", async () => {
    const { harness, relayPort } = await book.startWithTunnel();
    await harness.serve(await harness.service(echo));
    const client = await dial(relayPort);
    client.write("12345");
    await once(client, "data");
    harness.relay.sweep();
    const counters = await harness.web.message(
      (message) => message.type === "counters" && message.connections.length > 0,
    );
    expect(counters).toMatchObject({
      tunnels: [{ tunnelId: TUNNEL, bytesIn: 5, bytesOut: 5, opened: 1, failed: 0, open: 1 }],
      connections: [{ bytesIn: 5, bytesOut: 5 }],
    });
    const before = harness.web.messages.length;
    harness.relay.sweep();
    await harness.web.message((m) => m.type === "counters" && harness.web.messages.length > before);
    expect(harness.web.messages.at(-1)).toMatchObject({ tunnels: [], connections: [] });
    client.destroy();
  });

  it("keeps serving while the web process is away, and tells it afterwards", async () => {
    const { harness, relayPort, tunnel } = await book.startWithTunnel();
    await harness.serve(await harness.service(echo));
    const lasting = await dial(relayPort);
    await harness.web.event("connection_established");
    await webAway(harness);

    lasting.write("while you were away");
    await once(lasting, "data");
    const passing = await dial(relayPort);
    passing.end("hello");
    expect((await readAll(passing)).text).toBe("hello");
    await harness.agent({ token: "cvt_guess" }).dial();

    await harness.web.start(desiredOf({ tunnels: [tunnel] }));
    const snapshot = await snapshotOf(harness);
    expect(snapshot.links).toMatchObject([{ agentName: "host-1", streams: 1 }]);
    expect(snapshot.inventories).toMatchObject([{ inventory: { generation: 1 } }]);
    expect(snapshot.listeners).toMatchObject([{ tunnelId: TUNNEL, state: "listening" }]);
    expect(snapshot.connections).toMatchObject([{ bytesIn: 19, bytesOut: 19 }]);
    expect(snapshot.closedMeanwhile).toMatchObject([{ bytesIn: 5, closeReason: "completed" }]);
    expect(snapshot.counters).toMatchObject([{ bytesIn: 24, bytesOut: 24, opened: 2, open: 1 }]);
    expect(snapshot.refusals).toMatchObject([{ code: 503, clusterId: null }]);

    lasting.end();
    await harness.web.event("connection_closed", ({ connection }) => connection.bytesIn === 19);
  });

  it("repeats what closed just before the web process died: it may not have stored it", async () => {
    const { harness, relayPort, tunnel } = await book.startWithTunnel();
    await harness.serve(await harness.service(echo));
    const client = await dial(relayPort);
    client.end("x");
    await readAll(client);
    const { connection } = await harness.web.event("connection_closed");
    await webAway(harness);
    await harness.web.start(desiredOf({ tunnels: [tunnel] }));
    expect((await snapshotOf(harness)).closedMeanwhile).toEqual([connection]);
  });

  it("cuts nobody when a new web process says the same again", async () => {
    const { harness, relayPort, tunnel } = await book.startWithTunnel();
    await harness.serve(await harness.service(echo));
    const client = await dial(relayPort);
    await harness.web.event("connection_established");
    await webAway(harness);
    await harness.web.start(desiredOf({ tunnels: [tunnel] }));
    await harness.web.message(({ type }) => type === "applied");
    client.end("unharmed");
    expect((await readAll(client)).text).toBe("unharmed");
  });

  it("serves nothing for UDP, HTTP and TLS listeners yet", async () => {
    const relayPort = await freePort();
    const { target } = tunnelOf({ relayPort });
    await book.start({
      desired: desiredOf({
        tunnels: [tunnelOf({ relayPort, target: { ...target, protocol: "udp" } })],
      }),
    });
    await expect(dial(relayPort)).rejects.toMatchObject({ code: "ECONNREFUSED" });
    expect(target.port).toBe(GATEWAY_PORT);
  });
});
