import { expect, it } from "vitest";
import { BULK_READ_BYTES, READ_BUFFER_BYTES, ReadBuffers } from "./read-buffers.ts";

/** Plays the system: puts bytes into the buffer it was given and hands it back. */
function read(buffers: ReadBuffers, byteCount: number, fill: number): Uint8Array {
  const target = buffers.next;
  target.fill(fill, 0, byteCount);
  return buffers.take(byteCount, target);
}

it("gives quiet sockets one buffer together", () => {
  const [one, other] = [new ReadBuffers(), new ReadBuffers()];
  read(one, 100, 1);
  expect(one.next).toBe(other.next);
  expect(one.next.byteLength).toBe(READ_BUFFER_BYTES);
});

it("gives a busy socket memory of its own and takes it away again", () => {
  const [busy, quiet] = [new ReadBuffers(), new ReadBuffers()];
  read(busy, BULK_READ_BYTES, 1);
  expect(busy.next).not.toBe(quiet.next);
  read(busy, BULK_READ_BYTES - 1, 2);
  expect(busy.next).toBe(quiet.next);
});

it("never writes again to what it has handed out, whatever the sizes", () => {
  const sockets = [new ReadBuffers(), new ReadBuffers()];
  const kept: { view: Uint8Array; fill: number }[] = [];
  const sizes = [
    1,
    50,
    BULK_READ_BYTES,
    READ_BUFFER_BYTES,
    READ_BUFFER_BYTES,
    10,
    BULK_READ_BYTES,
    7,
  ];
  sizes.forEach((size, index) => {
    for (const [which, buffers] of sockets.entries()) {
      const fill = index * 2 + which + 1;
      kept.push({ view: read(buffers, size, fill), fill });
    }
  });
  for (const { view, fill } of kept) expect(view.every((byte) => byte === fill)).toBe(true);
});

it("does not copy what a busy socket reads", () => {
  const buffers = new ReadBuffers();
  read(buffers, READ_BUFFER_BYTES, 1);
  const own = buffers.next;
  expect(read(buffers, READ_BUFFER_BYTES, 2).buffer).toBe(own.buffer);
});
