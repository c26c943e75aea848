import { readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, it, onTestFinished } from "vitest";
import {
  buildGoPeer,
  printGoldenFrames,
  startGoPeer,
  whyNoGo,
  type GoPeerOptions,
} from "../testing/go-peer.ts";
import { createTestEnd } from "../testing/session-pair.ts";
import { StreamRecorder } from "../testing/stream-recorder.ts";
import { inParallel, serveStream, useDuplex, useEcho } from "../testing/stream-service.ts";
import { TcpTransport } from "../testing/tcp-transport.ts";

const GOLDEN_FILE = join(import.meta.dirname, "../testing/golden-frames.json");
const MIB = 1024 * 1024;
const TOTAL_BYTES = 64 * MIB;
const SHORT_STREAMS = 10_000;
const PARALLEL = 128;
const DEADLINE_MS = 5_000;
const missing = whyNoGo();
const program = missing === null ? buildGoPeer() : "";

afterAll(() => {
  if (program !== "") rmSync(dirname(program), { recursive: true });
});

async function setup(goRole: "client" | "server", options: Partial<GoPeerOptions> = {}) {
  const go = await startGoPeer({ program, role: goRole, ...options });
  const end = createTestEnd({
    transport: new TcpTransport(go.socket),
    role: goRole === "client" ? "server" : "client",
    onStream: serveStream,
  });
  onTestFinished(async () => {
    end.session.close({ code: "closed_locally", message: "the test is over" });
    await go.stop();
  });
  return { go, ...end };
}

/** Waits for a condition that the peer brings about. */
async function until(isTrue: () => boolean): Promise<void> {
  const deadline = performance.now() + DEADLINE_MS;
  while (!isTrue()) {
    if (performance.now() > deadline) throw new Error("it did not happen in time");
    await new Promise((resolve) => setImmediate(resolve));
  }
}

if (missing !== null) {
  it.skip(`talks to the original yamux (skipped: ${missing})`, () => {});
}

it.skipIf(missing !== null)("has golden frames that the original still sends", () => {
  const stored: unknown = JSON.parse(readFileSync(GOLDEN_FILE, "utf8"));
  expect(JSON.parse(printGoldenFrames(program))).toEqual(stored);
});

describe.skipIf(missing !== null).each(["client", "server"] as const)(
  "against HashiCorp's yamux as %s",
  (goRole) => {
    it.each([
      [1, 256 * 1024],
      [1, MIB],
      [64, 256 * 1024],
      [64, MIB],
    ])(
      "moves 64 MiB each way on %i streams we open, its window %i",
      async (streams, windowBytes) => {
        const { session } = await setup(goRole, { windowBytes });
        const bytes = TOTAL_BYTES / streams;
        await inParallel(streams, streams, (index) => useDuplex(session, bytes, index));
        await until(() => session.streamCount === 0);
      },
    );

    it.each([
      [1, 256 * 1024],
      [64, MIB],
    ])(
      "moves 64 MiB each way on %i streams it opens, its window %i",
      async (streams, windowBytes) => {
        const { go, session } = await setup(goRole, { windowBytes });
        const bytes = TOTAL_BYTES / streams;
        const command = { op: "open", verb: "duplex", streams, parallel: streams, bytes };
        expect(await go.ask(command)).toEqual({ op: "open", value: streams });
        await until(() => session.streamCount === 0);
      },
    );

    it("opens 10,000 short streams", async () => {
      const { go, session } = await setup(goRole);
      await inParallel(SHORT_STREAMS, PARALLEL, (index) => useEcho(session, 100, index));
      expect(session.streamCount).toBe(0);
      expect(await go.ask({ op: "count" })).toEqual({ op: "count", value: 0 });
    });

    it("opens 1,000 streams at once, more than its backlog, and each is served", async () => {
      const { session } = await setup(goRole);
      await inParallel(1_000, 1_000, (index) => useEcho(session, 100, index));
    });

    it("serves 10,000 short streams", async () => {
      const { go, session } = await setup(goRole);
      const command = { op: "open", verb: "echo", streams: SHORT_STREAMS, parallel: PARALLEL };
      expect(await go.ask({ ...command, bytes: 100 })).toEqual({
        op: "open",
        value: SHORT_STREAMS,
      });
      await until(() => session.streamCount === 0);
    });

    it("echoes after a half-close in either direction", async () => {
      const { go, session } = await setup(goRole);
      await useEcho(session, 3 * MIB, 1);
      const command = { op: "open", verb: "echo", streams: 1, bytes: 3 * MIB };
      expect(await go.ask(command)).toEqual({ op: "open", value: 1 });
    });

    it("resets so that the original sees a reset", async () => {
      const { go } = await setup(goRole);
      expect(await go.ask({ op: "expect-reset" })).toEqual({ op: "expect-reset", value: 0 });
    });

    it("sees the original's reset after its half-close timed out", async () => {
      const { go, accepted } = await setup(goRole, { closeTimeoutMs: 20 });
      await go.ask({ op: "half-open" });
      await until(() => accepted.length === 1);
      const [stream] = accepted;
      if (stream === undefined) throw new Error("nothing was accepted");
      const recorder = new StreamRecorder(stream);
      await until(() => recorder.end !== undefined);
      expect(recorder.end).toBe("reset_by_peer");
    });

    it("pings and answers pings", async () => {
      const { go, session } = await setup(goRole);
      expect(await session.ping()).toBeGreaterThan(0);
      expect(session.rttMs).toBeGreaterThan(0);
      // The original starts its watch after it has sent, so its figure may be 0; unanswered, it would be an error.
      expect((await go.ask({ op: "ping" })).error).toBeUndefined();
    });

    it("stops opening when the original goes away, and goes on serving what is open", async () => {
      const { go, session } = await setup(goRole);
      const stream = session.openStream();
      const recorder = new StreamRecorder(stream);
      stream.write(Buffer.from("echo\n"));
      // Commands reach the original by another way than frames: it would refuse a SYN that comes after its go-away.
      await until(() => stream.state === "open");
      await go.ask({ op: "goaway" });
      await until(() => session.state === "draining");
      expect(() => session.openStream()).toThrow(expect.objectContaining({ code: "unavailable" }));
      stream.write(Buffer.from("still here"));
      stream.end();
      await until(() => recorder.end === "ended");
      expect(recorder.text).toBe("still here");
    });

    it("goes away so that the original opens nothing more", async () => {
      const { go, session } = await setup(goRole);
      session.goAway();
      await session.ping();
      const answer = await go.ask({ op: "half-open" });
      expect(answer.error).toMatch(/end.*not accepting/);
    });

    it("holds a stalled stream's window only, while another moves 8 MiB", async () => {
      const { session } = await setup(goRole);
      const stalled = session.openStream();
      stalled.write(Buffer.from("stall\n"));
      while (stalled.write(Buffer.alloc(64 * 1024)));
      await useDuplex(session, 8 * MIB, 1);
      expect(stalled.bytesSent).toBeLessThanOrEqual(256 * 1024);
      stalled.reset();
    });

    it("ends when the original closes", async () => {
      const { go, closes } = await setup(goRole);
      void go.stop();
      await until(() => closes.length === 1);
      expect(closes[0]?.code).toBe("transport_closed");
    });
  },
);
