import { Duplex, PassThrough } from "node:stream";
import { expect, it } from "vitest";
import { NodeByteSocket } from "./node-byte-socket.ts";

it("does not count the head when memory is taken back: it was never read into that memory", () => {
  const reclaimed: number[] = [];
  const socket = new NodeByteSocket(new PassThrough(), Buffer.from("head"), {
    onRead: () => undefined,
    release: () => undefined,
    reclaim: (bytes) => reclaimed.push(bytes),
  });
  socket.reclaim(10);
  expect(reclaimed).toEqual([6]);
});

it("writes nothing after the end, and says that there is room", () => {
  const stream = new PassThrough();
  const socket = new NodeByteSocket(stream, null, null);
  socket.end();
  expect(socket.write(Buffer.from("late"))).toBe(true);
  expect(stream.readableLength).toBe(0);
  socket.end();
});

it("lets a later handler take over", async () => {
  const stream = new PassThrough();
  const socket = new NodeByteSocket(stream, Buffer.from("one "), null);
  const heard: string[] = [];
  const createHandler = (name: string) => ({
    onData: (chunk: Uint8Array) => void heard.push(`${name}: ${Buffer.from(chunk).toString()}`),
    onEnd: () => undefined,
    onDrain: () => undefined,
    onClose: () => undefined,
  });
  socket.bind(createHandler("first"));
  socket.bind(createHandler("second"));
  stream.write("two");
  await new Promise((resolve) => setImmediate(resolve));
  expect(heard).toEqual(["first: one ", "second: two"]);
});

/** A stream whose system takes nothing until `release`. */
class Stalled extends Duplex {
  readonly taken: Uint8Array[] = [];
  #held: (() => void) | null = null;

  constructor() {
    super({ writableHighWaterMark: 1024, read: () => undefined });
  }
  override _writev(chunks: { chunk: Uint8Array }[], done: () => void): void {
    this.taken.push(...chunks.map(({ chunk }) => chunk));
    this.#held = done;
  }
  /** Takes all there is, also what its taking brings forth. */
  async release(): Promise<void> {
    while (this.#held !== null) {
      const done = this.#held;
      this.#held = null;
      done();
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}

it("packs small chunks behind a full socket, keeps their order and drains when all are gone", async () => {
  const stream = new Stalled();
  const socket = new NodeByteSocket(stream, null, null);
  const unsentAtDrain: number[] = [];
  socket.bind({
    onData: () => undefined,
    onEnd: () => undefined,
    onDrain: () => void unsentAtDrain.push(socket.unsentBytes),
    onClose: () => undefined,
  });
  const expected: Buffer[] = [];
  const write = (bytes: number): void => {
    const chunk = Buffer.alloc(bytes, expected.length % 251);
    expected.push(Buffer.from(chunk));
    socket.write(chunk);
    if (bytes === 1) chunk.fill(255);
  };
  write(2000);
  for (let i = 0; i < 100_000; i += 1) write(1);
  write(5000);
  for (let i = 0; i < 300_000; i += 1) write(1);
  expect([socket.unsentBytes, socket.hasRoom]).toEqual([407_000, false]);
  await stream.release();
  expect(Buffer.concat(stream.taken).equals(Buffer.concat(expected))).toBe(true);
  expect(stream.taken.length).toBeLessThan(50);
  expect(unsentAtDrain).toEqual([0]);
});

it("sends what is packed before the end", async () => {
  const stream = new Stalled();
  const socket = new NodeByteSocket(stream, null, null);
  for (const bytes of [2000, 1, 1]) socket.write(Buffer.alloc(bytes));
  socket.end();
  await stream.release();
  expect(Buffer.concat(stream.taken).byteLength).toBe(2002);
  expect(stream.writableFinished).toBe(true);
});
