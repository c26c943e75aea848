import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FLAG, FRAME } from "../frame/frame-header.ts";
import { MUX_LIMITS } from "../limits.ts";
import type { MuxStream } from "../stream/mux-stream.ts";
import type { MemoryTransport } from "../testing/memory-transport.ts";
import { createSessionPair } from "../testing/session-pair.ts";
import { StreamRecorder } from "../testing/stream-recorder.ts";

const { initialWindowBytes, windowBytes, unsentStreamBytes, framePayloadBytes } = MUX_LIMITS;
const MAX_WRITE_BYTES = 200_000;
const RUNS = 60;
type Side = "client" | "server";

function watch(transport: MemoryTransport, onHeader: (header: Uint8Array) => void): void {
  const earlier = transport.onWrite;
  transport.onWrite = (header, payload) => {
    earlier?.(header, payload);
    onHeader(header);
  };
}

/** Adds up, from the bytes on the wire alone, what each direction of each stream was granted and has sent. */
class WireWatcher {
  /** Stream id → bytes that this direction may still send. */
  readonly #credit = new Map<number, number>();
  overruns = 0;

  /** @param from whose payload is counted, against what `to` granted. */
  constructor(from: MemoryTransport, to: MemoryTransport) {
    watch(from, (header) => this.#onFrame(header, true));
    watch(to, (header) => this.#onFrame(header, false));
  }

  #onFrame(bytes: Uint8Array, isSent: boolean): void {
    const header = Buffer.from(bytes);
    const type = header.readUInt8(1);
    const streamId = header.readUInt32BE(4);
    const length = header.readUInt32BE(8);
    const credit = this.#credit.get(streamId) ?? initialWindowBytes;
    if (isSent && type === FRAME.data) {
      if (length > credit) this.overruns += 1;
      this.#credit.set(streamId, credit - length);
    }
    if (!isSent && type === FRAME.windowUpdate) this.#credit.set(streamId, credit + length);
  }
}

/** One end of one stream and what was asked of it. */
class Actor {
  readonly stream: MuxStream;
  readonly recorder: StreamRecorder;
  readonly written: Uint8Array[] = [];
  isEnded = false;
  hasRoom = true;
  #consumed = 0;
  #next: number;

  constructor(stream: MuxStream, salt: number) {
    this.stream = stream;
    this.#next = salt;
    this.recorder = new StreamRecorder(stream, false);
    this.recorder.onEach = (what) => {
      if (what === "drain") this.hasRoom = true;
    };
  }

  get isOver(): boolean {
    return this.recorder.end !== undefined;
  }

  write(bytes: number): void {
    if (!this.hasRoom || this.isEnded || this.isOver || bytes === 0) return;
    const chunk = Buffer.alloc(bytes);
    for (let at = 0; at < bytes; at += 97) chunk[at] = this.#next = (this.#next * 31 + 7) % 251;
    this.written.push(chunk);
    this.hasRoom = this.stream.write(chunk);
    expect(this.stream.unsentBytes).toBeLessThanOrEqual(unsentStreamBytes + MAX_WRITE_BYTES);
  }

  end(): void {
    this.isEnded = true;
    this.stream.end();
  }

  consume(bytes: number): void {
    const held = this.stream.bytesReceived - this.#consumed;
    expect(held).toBeLessThanOrEqual(windowBytes);
    const now = Math.min(bytes, held);
    this.#consumed += now;
    this.stream.consume(now);
  }
}

const command = fc.oneof(
  { weight: 1, arbitrary: fc.record({ do: fc.constant("open" as const) }) },
  {
    weight: 8,
    arbitrary: fc.record({ do: fc.constant("write" as const), bytes: fc.nat(MAX_WRITE_BYTES) }),
  },
  {
    weight: 8,
    arbitrary: fc.record({ do: fc.constant("deliver" as const), bytes: fc.nat(MAX_WRITE_BYTES) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant("consume" as const), bytes: fc.nat(2 * windowBytes) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("end" as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("reset" as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("ping" as const) }) },
);
const schedule = fc.array(
  fc.record({
    side: fc.constantFrom<Side>("client", "server"),
    pick: fc.nat(1_000),
    command,
  }),
  { maxLength: 250 },
);

/** Two sessions and everything that happens to them, under a random schedule. */
function createWorld(highWaterBytes: number) {
  const pair = createSessionPair({ highWaterBytes });
  const { link } = pair;
  const watchers = [new WireWatcher(link.a, link.b), new WireWatcher(link.b, link.a)];
  const actors: Record<Side, Actor[]> = { client: [], server: [] };
  const known = new Set<MuxStream>();
  const adopt = (): void => {
    for (const side of ["client", "server"] as const) {
      for (const stream of pair[side].accepted) {
        if (known.has(stream)) continue;
        known.add(stream);
        actors[side].push(new Actor(stream, stream.id + 100));
      }
    }
  };
  const open = (side: Side): void => {
    const stream = pair[side].session.openStream();
    known.add(stream);
    actors[side].push(new Actor(stream, stream.id));
  };
  const twin = (side: Side, id: number): Actor | undefined =>
    actors[side === "client" ? "server" : "client"].find(({ stream }) => stream.id === id);
  const transport = { client: link.a, server: link.b };
  return { ...pair, watchers, actors, adopt, open, twin, transport };
}

type World = ReturnType<typeof createWorld>;

function perform(
  world: World,
  {
    side,
    pick,
    command: asked,
  }: { side: Side; pick: number; command: { do: string; bytes?: number } },
): void {
  const mine = world.actors[side];
  const actor = mine[pick % Math.max(1, mine.length)];
  const bytes = asked.bytes ?? 0;
  if (asked.do === "open") world.open(side);
  if (asked.do === "deliver") world.link.deliver(world.transport[side], bytes + 1);
  if (asked.do === "ping") void world[side].session.ping().catch(() => {});
  world.adopt();
  if (actor === undefined) return;
  if (asked.do === "write") actor.write(bytes);
  if (asked.do === "consume") actor.consume(bytes);
  if (asked.do === "end") actor.end();
  if (asked.do === "reset") actor.stream.reset();
}

/** Reads everything, ends everything, delivers everything. */
function finish(world: World): void {
  const everybody = (): Actor[] => [...world.actors.client, ...world.actors.server];
  for (let round = 0; round < 200; round += 1) {
    world.link.settle();
    world.adopt();
    for (const actor of everybody()) actor.consume(Number.MAX_SAFE_INTEGER);
    for (const actor of everybody()) actor.end();
    if (world.client.session.streamCount + world.server.session.streamCount === 0) return;
  }
}

describe("under random schedules", () => {
  it("no byte is lost, reordered or sent without credit, and every stream ends", () => {
    fc.assert(
      fc.property(schedule, fc.constantFrom(1, 30_000, 1_000_000), (steps, highWaterBytes) => {
        const world = createWorld(highWaterBytes);
        for (const step of steps) perform(world, step);
        finish(world);
        expect(world.watchers.map(({ overruns }) => overruns)).toEqual([0, 0]);
        expect([world.client.closes, world.server.closes]).toEqual([[], []]);
        expect([world.client.session.streamCount, world.server.session.streamCount]).toEqual([
          0, 0,
        ]);
        for (const side of ["client", "server"] as const) {
          for (const actor of world.actors[side]) checkReceived(world, side, actor);
        }
      }),
      { numRuns: RUNS },
    );
  });

  it("what waits in a session stays bounded, whoever stops reading", () => {
    fc.assert(
      fc.property(schedule, (steps) => {
        const highWaterBytes = 50_000;
        const world = createWorld(highWaterBytes);
        for (const step of steps) {
          if (step.command.do !== "consume") perform(world, step);
        }
        world.link.settle();
        for (const end of [world.link.a, world.link.b]) {
          const control = MUX_LIMITS.streams;
          expect(end.peakBufferedBytes).toBeLessThan(highWaterBytes + framePayloadBytes + control);
        }
        for (const actor of [...world.actors.client, ...world.actors.server]) {
          expect(actor.stream.bytesReceived).toBeLessThanOrEqual(windowBytes);
        }
      }),
      { numRuns: RUNS },
    );
  });

  it("a lost link ends every stream once, and leaves no timer", () => {
    fc.assert(
      fc.property(schedule, (steps) => {
        const world = createWorld(30_000);
        for (const step of steps) perform(world, step);
        world.link.cut("lost");
        for (const actor of [...world.actors.client, ...world.actors.server]) {
          expect(actor.recorder.end).toBeDefined();
          expect(actor.recorder.calls.filter((call) => call.startsWith("close"))).toHaveLength(1);
          expect(actor.recorder.calls.at(-1)).toMatch(/^close:/);
        }
        expect(world.clock.armedCount).toBe(0);
        expect([world.client.closes.length, world.server.closes.length]).toEqual([1, 1]);
      }),
      { numRuns: RUNS },
    );
  });

  it("arbitrary bytes end a session or do nothing; they never escape", () => {
    const isFlag = fc.constantFrom(0, FLAG.syn, FLAG.ack, FLAG.fin, FLAG.rst);
    const frame = fc
      .tuple(fc.nat(4), isFlag, fc.nat(6), fc.constantFrom(0, 1, 5, 300_000, 0xffff_ffff))
      .map(([type, flags, streamId, length]) => {
        const header = Buffer.alloc(12);
        header.writeUInt8(type, 1);
        header.writeUInt16BE(flags, 2);
        header.writeUInt32BE(streamId, 4);
        header.writeUInt32BE(length, 8);
        return header;
      });
    const bytes = fc.array(fc.oneof({ weight: 9, arbitrary: frame }, fc.uint8Array()));
    fc.assert(
      fc.property(bytes, (chunks) => {
        const { link, server } = createSessionPair();
        server.session.openStream();
        for (const chunk of chunks) link.b.receiver?.onData(chunk);
        link.b.receiver?.onBatchEnd();
        expect(server.closes.length).toBe(server.session.state === "closed" ? 1 : 0);
      }),
    );
  });
});

/** What arrived is what the other end wrote: all of it after an orderly end, else the beginning of it. */
function checkReceived(world: World, side: Side, actor: Actor): void {
  const sender = world.twin(side, actor.stream.id);
  const received = actor.recorder.bytes;
  const sent = Buffer.concat(sender?.written ?? []);
  expect(received.equals(sent.subarray(0, received.byteLength))).toBe(true);
  if (actor.recorder.end === "ended") expect(received.byteLength).toBe(sent.byteLength);
  expect(actor.recorder.end).toBeDefined();
}
