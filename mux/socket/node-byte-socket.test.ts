import { PassThrough } from "node:stream";
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
