import { describe, expect, it, onTestFinished } from "vitest";
import type { ByteTransport } from "../transport/byte-transport.ts";
import { createTestEnd, type TestEnd } from "./session-pair.ts";
import { StreamRecorder } from "./stream-recorder.ts";
import { inParallel, serveStream, useDuplex, useEcho } from "./stream-service.ts";

const MIB = 1024 * 1024;
const DEADLINE_MS = 5_000;

/** Two ends of one transport, with a way to lose it. */
export interface TransportPair {
  readonly client: ByteTransport;
  readonly server: ByteTransport;
  /** Breaks the transport under both sessions, as a lost network would. */
  readonly cut: () => void;
}

async function until(isTrue: () => boolean): Promise<void> {
  const deadline = performance.now() + DEADLINE_MS;
  while (!isTrue()) {
    if (performance.now() > deadline) throw new Error("it did not happen in time");
    await new Promise((resolve) => setImmediate(resolve));
  }
}

async function firstOf(end: TestEnd) {
  await until(() => end.accepted.length > 0);
  const [stream] = end.accepted;
  if (stream === undefined) throw new Error("nothing was accepted");
  return stream;
}

/**
 * What every mux session must do over every byte transport.
 *
 * @param createPair  a connected, fresh pair for each test.
 */
export function describeMuxSession(
  name: string,
  createPair: () => TransportPair | Promise<TransportPair>,
): void {
  async function setup({ isServing = true } = {}) {
    const pair = await createPair();
    const onStream = isServing ? { onStream: serveStream } : {};
    const client = createTestEnd({ transport: pair.client, role: "client", ...onStream });
    const server = createTestEnd({ transport: pair.server, role: "server", ...onStream });
    onTestFinished(() => {
      client.session.close({ code: "closed_locally", message: "the test is over" });
      server.session.close({ code: "closed_locally", message: "the test is over" });
    });
    return { pair, client, server };
  }

  describe(`a mux session over ${name}`, () => {
    it.each(["client", "server"] as const)("moves 4 MiB each way for the %s", async (side) => {
      const ends = await setup();
      await useDuplex(ends[side].session, 4 * MIB, 1);
    });

    it("moves bytes on 32 streams of each side at once", async () => {
      const { client, server } = await setup();
      await Promise.all([
        inParallel(32, 32, (index) => useDuplex(client.session, 100_000, index)),
        inParallel(32, 32, (index) => useEcho(server.session, 100_000, 100 + index)),
      ]);
      await until(() => client.session.streamCount + server.session.streamCount === 0);
    });

    it("opens 600 streams at once, and each is served", async () => {
      const { server, client } = await setup();
      await inParallel(600, 600, (index) => useEcho(server.session, 50, index));
      await until(() => client.session.streamCount === 0);
    });

    it("keeps the other half open after an end", async () => {
      const { client, server } = await setup({ isServing: false });
      const near = client.session.openStream();
      const nearRecorder = new StreamRecorder(near);
      near.end();
      const far = await firstOf(server);
      const farRecorder = new StreamRecorder(far);
      await until(() => farRecorder.hasEnded);
      far.write(Buffer.from("still open"));
      far.end();
      await until(() => nearRecorder.end !== undefined);
      expect([nearRecorder.text, nearRecorder.end]).toEqual(["still open", "ended"]);
    });

    it("keeps a reset apart from an end", async () => {
      const { client, server } = await setup({ isServing: false });
      const near = client.session.openStream();
      const recorder = new StreamRecorder(await firstOf(server));
      near.reset();
      await until(() => recorder.end !== undefined);
      expect(recorder.calls).toEqual(["close:reset_by_peer"]);
    });

    it("lets a stopped reader hold its own window and nothing else", async () => {
      const { client, server } = await setup();
      const stalled = server.session.openStream();
      stalled.write(Buffer.from("stall\n"));
      while (stalled.write(Buffer.alloc(64 * 1024)));
      await useDuplex(server.session, 2 * MIB, 1);
      await useDuplex(client.session, 2 * MIB, 2);
      expect(stalled.bytesSent).toBeLessThanOrEqual(MIB);
    });

    it("measures the round trip", async () => {
      const { client } = await setup();
      expect(await client.session.ping()).toBeGreaterThan(0);
      expect(client.session.rttMs).toBeGreaterThan(0);
    });

    it("tells streams and owners on both ends when the transport is lost", async () => {
      const { pair, client, server } = await setup({ isServing: false });
      const near = new StreamRecorder(client.session.openStream());
      const far = new StreamRecorder(await firstOf(server));
      pair.cut();
      await until(() => client.closes.length + server.closes.length === 2);
      expect([near.end, far.end]).toEqual(["session_closed", "session_closed"]);
      expect([client.session.state, server.session.state]).toEqual(["closed", "closed"]);
    });
  });
}
