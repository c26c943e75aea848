import fc from "fast-check";
import { expect, it } from "vitest";
import { FAKE_HIGH_WATER_BYTES, FakeByteSocket } from "#mux/socket/testing/fake-byte-socket.ts";
import { createSessionPair } from "#mux/testing/session-pair.ts";
import { StreamRecorder } from "#mux/testing/stream-recorder.ts";
import type { MuxStreamEnd, MuxStreamHandler, MuxStreamPort } from "./mux-stream-port.ts";
import { type Pump, pump, type PumpEnd, type PumpOptions } from "./pump.ts";

/** A stream whose peer is the test. */
class FakeStream implements MuxStreamPort {
  readonly id = 2;
  readonly written: Uint8Array[] = [];
  consumedBytes = 0;
  hasRoom = true;
  isEnded = false;
  isReset = false;
  heldBytes = 0;
  bytesReceived = 0;
  bytesSent = 0;
  handler: MuxStreamHandler | null = null;

  write(chunk: Uint8Array): boolean {
    this.written.push(chunk);
    return this.hasRoom;
  }
  end(): void {
    this.isEnded = true;
  }
  reset(): void {
    if (this.isReset) return;
    this.isReset = true;
    this.close("reset_locally");
  }
  consume(bytes: number): void {
    this.consumedBytes += bytes;
  }
  bind(handler: MuxStreamHandler): void {
    this.handler = handler;
  }
  /** One batch of the link. */
  receive(...chunks: string[]): void {
    for (const chunk of chunks) this.handler?.onData(Buffer.from(chunk));
    this.handler?.onBatchEnd();
  }
  close(why: MuxStreamEnd): void {
    this.handler?.onClose(why);
  }
}

function setUp(options: Partial<PumpOptions> = {}) {
  const socket = new FakeByteSocket();
  const stream = new FakeStream();
  const closes: { reason: PumpEnd; error: Error | null }[] = [];
  const observer = { onClose: (close: (typeof closes)[number]) => closes.push(close) };
  const pumped = pump({ socket, stream, observer, ...options });
  return { socket, stream, closes, pumped };
}

it("writes a batch of the link to the socket at once and returns its credit", () => {
  const { socket, stream } = setUp();
  stream.receive("one ", "two ", "three");
  expect(socket.sentBytes.toString()).toBe("one two three");
  expect(socket.flushCount).toBe(1);
  expect(stream.consumedBytes).toBe(13);
});

it("keeps the credit of bytes that the socket has no room for until it drains", () => {
  const { socket, stream } = setUp();
  socket.takesWrites = false;
  stream.receive("x".repeat(FAKE_HIGH_WATER_BYTES));
  stream.receive("y");
  expect(stream.consumedBytes).toBe(0);
  socket.drain();
  expect(stream.consumedBytes).toBe(FAKE_HIGH_WATER_BYTES + 1);
});

it("gives the socket the memory back of what the stream holds no more", () => {
  const { socket, stream } = setUp();
  socket.receive(Buffer.alloc(100));
  stream.heldBytes = 30;
  socket.receive(Buffer.alloc(100));
  expect(socket.reclaimedBytes).toBe(70);
  stream.heldBytes = 0;
  socket.receive(Buffer.alloc(100));
  expect(socket.reclaimedBytes).toBe(200);
});

it("stops reading the socket while the stream is full", () => {
  const { socket, stream } = setUp();
  stream.hasRoom = false;
  socket.receive(Buffer.from("a"));
  expect(socket.isPaused).toBe(true);
  stream.handler?.onDrain();
  expect(socket.isPaused).toBe(false);
});

it("passes each half's end on and calls it completed", () => {
  const { socket, stream, closes } = setUp();
  socket.receiveEnd();
  expect([stream.isEnded, socket.isEnded]).toEqual([true, false]);
  stream.receive("last words");
  stream.handler?.onEnd();
  expect(socket.isEnded).toBe(true);
  expect(socket.sentBytes.toString()).toBe("last words");
  stream.close("ended");
  expect(closes).toEqual([]);
  socket.close(null);
  expect(closes).toEqual([{ reason: "completed", error: null }]);
});

it("sends what came in the same batch before it ends the socket", () => {
  const { socket, stream } = setUp();
  stream.handler?.onData(Buffer.from("bye"));
  stream.handler?.onEnd();
  stream.handler?.onBatchEnd();
  expect([socket.sentBytes.toString(), socket.isEnded]).toEqual(["bye", true]);
});

it("resets the stream when the socket breaks", () => {
  const { socket, stream, closes } = setUp();
  const error = new Error("ECONNRESET");
  socket.close(error);
  expect(stream.isReset).toBe(true);
  expect(closes).toEqual([{ reason: "socket_reset", error }]);
});

it("resets the stream when the socket is dropped while the stream still sends", () => {
  const { socket, stream, closes } = setUp();
  socket.receiveEnd();
  socket.close(null);
  expect(stream.isReset).toBe(true);
  expect(closes).toHaveLength(1);
});

it.each([
  ["reset_by_peer", "stream_reset"],
  ["session_closed", "session_closed"],
  ["reset_locally", "closed_locally"],
] as const)("resets the socket when the stream is over by %s", (why, reason) => {
  const { socket, stream, closes } = setUp();
  stream.close(why);
  expect(socket.isReset).toBe(true);
  expect(closes).toEqual([{ reason, error: null }]);
});

it("drops both sides when it is closed by reset, and tells once", () => {
  const { socket, stream, closes, pumped } = setUp();
  pumped.close("reset");
  pumped.close("reset");
  expect([socket.isReset, stream.isReset]).toEqual([true, true]);
  expect(closes).toEqual([{ reason: "closed_locally", error: null }]);
});

it("half-closes both sides when it is closed by end, and can still be reset", () => {
  const { socket, stream, closes, pumped } = setUp();
  pumped.close("end");
  expect([socket.isEnded, stream.isEnded, socket.isReset]).toEqual([true, true, false]);
  expect(closes).toEqual([]);
  pumped.close("reset");
  expect(closes).toEqual([{ reason: "closed_locally", error: null }]);
});

it("delivers the bytes that its owner read ahead, first, and pays for them", () => {
  const { socket, stream, pumped } = setUp({ firstBytes: Buffer.from("first ") });
  stream.receive("second");
  expect(socket.sentBytes.toString()).toBe("first second");
  expect(stream.consumedBytes).toBe(12);
  expect(pumped.counters).toEqual({ bytesIn: 0, bytesOut: 12 });
});

it("ends the socket when the stream had ended before it was handed over", () => {
  const { socket } = setUp({ firstBytes: Buffer.from("all"), isStreamEnded: true });
  expect([socket.sentBytes.toString(), socket.isEnded]).toEqual(["all", true]);
});

it("counts the bytes of both directions", () => {
  const { socket, stream, pumped } = setUp();
  socket.receive(Buffer.alloc(5));
  socket.receive(Buffer.alloc(6));
  stream.receive("abc");
  expect(pumped.counters).toEqual({ bytesIn: 11, bytesOut: 3 });
});

interface Side {
  readonly socket: FakeByteSocket;
  readonly pumped: Pump;
  readonly ends: PumpEnd[];
}

/** Socket ⇄ pump ⇄ mux session ⇄ link in memory ⇄ mux session ⇄ pump ⇄ socket. */
function setUpPair(chunkBytes: () => number, windowBytes: number) {
  const pair = createSessionPair({ chunkBytes, windowBytes });
  const near = pair.client.session.openStream();
  pair.link.settle();
  const far = pair.server.accepted[0];
  if (far === undefined) throw new Error("no stream arrived");
  const attach = (stream: MuxStreamPort): Side => {
    const socket = new FakeByteSocket();
    const ends: PumpEnd[] = [];
    const observer = { onClose: ({ reason }: { reason: PumpEnd }) => ends.push(reason) };
    return { socket, ends, pumped: pump({ socket, stream, observer }) };
  };
  return { pair, near: attach(near), far: attach(far) };
}

const stepArbitrary = fc.oneof(
  fc.record({
    kind: fc.constant("send" as const),
    from: fc.boolean(),
    bytes: fc.integer({ min: 1, max: 120_000 }),
  }),
  fc.record({ kind: fc.constant("stall" as const), from: fc.boolean() }),
  fc.record({ kind: fc.constant("drain" as const), from: fc.boolean() }),
  fc.record({
    kind: fc.constant("deliver" as const),
    from: fc.boolean(),
    bytes: fc.integer({ min: 1, max: 100_000 }),
  }),
);

/** Bytes that say where they stand, so that loss, repetition and reordering all show. */
const PATTERN = Buffer.alloc(4 * 1024 * 1024);
for (let at = 0; at < PATTERN.length; at += 4) PATTERN.writeUInt32LE((at * 2654435761) >>> 0, at);

function pattern(from: number, byteCount: number): Buffer {
  return PATTERN.subarray(from, from + byteCount);
}

const SMALL_WINDOW_BYTES = 256 * 1024;

it("loses and reorders no byte under random reads, stalls and chunking, and ends in order", () => {
  fc.assert(
    fc.property(
      fc.array(stepArbitrary, { maxLength: 30 }),
      fc.array(fc.integer({ min: 500, max: 70_000 }), { minLength: 1, maxLength: 8 }),
      (steps, cuts) => {
        let turn = 0;
        const chunkBytes = (): number => cuts[(turn += 1) % cuts.length] ?? 1;
        const { pair, near, far } = setUpPair(chunkBytes, SMALL_WINDOW_BYTES);
        const sent = [0, 0];
        for (const step of steps) {
          const side = step.from ? near : far;
          if (step.kind === "send" && !side.socket.isPaused) {
            const which = step.from ? 0 : 1;
            side.socket.receive(pattern(sent[which] ?? 0, step.bytes));
            sent[which] = (sent[which] ?? 0) + step.bytes;
          } else if (step.kind === "stall") side.socket.takesWrites = false;
          else if (step.kind === "drain") side.socket.drain();
          else if (step.kind === "deliver")
            pair.link.deliver(step.from ? pair.link.a : pair.link.b, step.bytes);
        }
        for (const side of [near, far]) side.socket.receiveEnd();
        for (let round = 0; round < 40; round += 1) {
          pair.link.settle();
          for (const side of [near, far]) side.socket.drain();
        }
        expect(far.socket.sentBytes.equals(pattern(0, sent[0] ?? 0))).toBe(true);
        expect(near.socket.sentBytes.equals(pattern(0, sent[1] ?? 0))).toBe(true);
        for (const side of [near, far]) {
          expect(side.socket.isEnded).toBe(true);
          side.socket.close(null);
          expect(side.ends).toEqual(["completed"]);
        }
        expect(near.pumped.counters).toEqual({ bytesIn: sent[0], bytesOut: sent[1] });
      },
    ),
    { numRuns: 40 },
  );
});

it("holds one window and the queues' bounds for a reader that stops, however much is offered", () => {
  const { pair, near, far } = setUpPair(() => 70_000, SMALL_WINDOW_BYTES);
  far.socket.takesWrites = false;
  let offered = 0;
  for (let round = 0; round < 1000; round += 1) {
    if (!near.socket.isPaused) {
      near.socket.receive(pattern(offered, 64 * 1024));
      offered += 64 * 1024;
    }
    pair.link.settle();
  }
  expect(near.socket.isPaused).toBe(true);
  expect(far.socket.unsentBytes).toBeLessThanOrEqual(SMALL_WINDOW_BYTES);
  expect(offered).toBeLessThan(SMALL_WINDOW_BYTES + 4 * 128 * 1024);
  // And another stream of the same link does not notice.
  const other = new StreamRecorder(pair.client.session.openStream());
  pair.link.settle();
  const echo = pair.server.accepted[1];
  echo?.write(Buffer.from("alive"));
  pair.link.settle();
  expect(other.text).toBe("alive");
  for (let round = 0; round < 40; round += 1) {
    far.socket.drain();
    pair.link.settle();
  }
  expect(far.socket.sentBytes.equals(pattern(0, offered))).toBe(true);
});

it("counts as held what the link has not sent, and what waits for credit", () => {
  const { client, server, link } = createSessionPair({ windowBytes: SMALL_WINDOW_BYTES });
  const stream = client.session.openStream();
  link.settle();
  stream.write(Buffer.alloc(100));
  expect(stream.heldBytes).toBeGreaterThanOrEqual(100);
  link.settle();
  expect(stream.heldBytes).toBe(0);
  // Nobody reads at the other end: the window fills and the rest waits here.
  stream.write(Buffer.alloc(SMALL_WINDOW_BYTES));
  link.settle();
  expect(stream.heldBytes).toBe(100);
  expect(server.accepted).toHaveLength(1);
});

it("tells a reset apart from an end across the link", () => {
  const { pair, near, far } = setUpPair(() => 1000, SMALL_WINDOW_BYTES);
  near.socket.receive(Buffer.from("half a request"));
  near.socket.close(new Error("ECONNRESET"));
  pair.link.settle();
  expect(far.socket.isReset).toBe(true);
  expect(far.socket.isEnded).toBe(false);
  expect([near.ends, far.ends]).toEqual([["socket_reset"], ["stream_reset"]]);
});
