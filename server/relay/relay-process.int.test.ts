import { afterEach, describe, expect, it } from "vitest";
import {
  desiredOf,
  dial,
  freePort,
  readAll,
  startHarness,
  TUNNEL,
  tunnelOf,
  type Harness,
  type HarnessOptions,
  type TunnelSketch,
} from "#server/hub/testing/relay-harness.ts";

const running: Harness[] = [];
afterEach(async () => {
  for (const harness of running.splice(0)) await harness.close();
});

async function setup(options: HarnessOptions = {}) {
  const harness = await startHarness(options);
  running.push(harness);
  return harness;
}

/** A relay with one open tunnel. */
async function withTunnel(sketch: Partial<TunnelSketch> = {}, options: HarnessOptions = {}) {
  const relayPort = await freePort();
  const tunnel = tunnelOf({ relayPort, ...sketch });
  const harness = await setup({ desired: desiredOf({ tunnels: [tunnel] }), ...options });
  return { harness, relayPort, tunnel };
}

describe("a relay process", () => {
  it("carries bytes both ways and reports the connection's whole life", async () => {
    const { harness, relayPort } = await withTunnel();
    const service = await harness.service((socket) => socket.pipe(socket));
    await harness.serve(service);

    const client = await dial(relayPort);
    client.end("hello, service");
    expect(await readAll(client)).toEqual({ text: "hello, service", error: null });

    const { connection } = await harness.web.event("connection_closed");
    expect(connection).toMatchObject({
      tunnelId: TUNNEL,
      agentName: "host-1",
      bytesIn: 14,
      bytesOut: 14,
      closeReason: "completed",
    });
    const established = await harness.web.event("connection_established");
    expect(established).toMatchObject({ id: connection.id, agentName: "host-1" });
  });
});
