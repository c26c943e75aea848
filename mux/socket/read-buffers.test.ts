import fc from "fast-check";
import { expect, it } from "vitest";
import {
  BULK_READ_BYTES,
  keepReadMemory,
  MAX_OWN_BUFFERS,
  ownBufferCount,
  READ_BUFFER_BYTES,
  ReadBuffers,
} from "./read-buffers.ts";

interface ReadOptions {
  readonly bytes: number;
  readonly fill?: number;
  readonly isKept?: boolean;
}

/** Plays the system: puts bytes into the buffer it was given. @returns what was delivered. */
function read(buffers: ReadBuffers, { bytes, fill = 1, isKept = false }: ReadOptions): Uint8Array {
  buffers.next.fill(fill, 0, bytes);
  let delivered: Uint8Array = new Uint8Array(0);
  buffers.deliver(bytes, (chunk) => {
    delivered = chunk;
    if (isKept) keepReadMemory();
  });
  return delivered;
}

it("gives quiet sockets one buffer together", () => {
  const [one, other] = [new ReadBuffers(), new ReadBuffers()];
  read(one, { bytes: 100 });
  expect(one.next).toBe(other.next);
  expect(one.next.byteLength).toBe(READ_BUFFER_BYTES);
});

it("gives a busy socket memory of its own and takes it away again", () => {
  const [busy, quiet] = [new ReadBuffers(), new ReadBuffers()];
  read(busy, { bytes: BULK_READ_BYTES });
  expect(busy.next).not.toBe(quiet.next);
  read(busy, { bytes: BULK_READ_BYTES - 1 });
  expect(busy.next).toBe(quiet.next);
});

it("reads into the same memory again while nobody keeps it, and copies nothing", () => {
  const buffers = new ReadBuffers();
  read(buffers, { bytes: READ_BUFFER_BYTES });
  const own = buffers.next;
  expect(read(buffers, { bytes: READ_BUFFER_BYTES }).buffer).toBe(own.buffer);
  expect(buffers.next).toBe(own);
  buffers.release();
});

it("never writes again to what was kept, whatever the sizes and whoever reads", () => {
  const step = fc.record({
    which: fc.nat(2),
    bytes: fc.oneof(fc.integer({ min: 1, max: 200 }), fc.constantFrom(BULK_READ_BYTES, 100_000)),
    isKept: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
      const sockets = [new ReadBuffers(), new ReadBuffers(), new ReadBuffers()];
      const kept: { view: Uint8Array; fill: number }[] = [];
      steps.forEach(({ which, bytes, isKept }, index) => {
        const buffers = sockets[which] ?? new ReadBuffers();
        const view = read(buffers, { bytes, fill: index + 1, isKept });
        expect(view.every((byte) => byte === index + 1)).toBe(true);
        if (isKept) kept.push({ view, fill: index + 1 });
      });
      for (const { view, fill } of kept) expect(view.every((byte) => byte === fill)).toBe(true);
      for (const buffers of sockets) buffers.release();
      expect(ownBufferCount()).toBe(0);
    }),
    { numRuns: 50 },
  );
});

it("lets no more sockets than the bound hold a buffer, and serves the next by copying", () => {
  const sockets = Array.from({ length: MAX_OWN_BUFFERS + 1 }, () => new ReadBuffers());
  for (const buffers of sockets) read(buffers, { bytes: BULK_READ_BYTES });
  expect(ownBufferCount()).toBe(MAX_OWN_BUFFERS);
  const last = sockets.at(-1) ?? new ReadBuffers();
  expect(last.next).toBe(new ReadBuffers().next);
  const view = read(last, { bytes: BULK_READ_BYTES, fill: 7, isKept: true });
  read(last, { bytes: BULK_READ_BYTES, fill: 8 });
  expect(view.every((byte) => byte === 7)).toBe(true);
  for (const buffers of sockets) buffers.release();
  for (const buffers of sockets) buffers.release();
  expect(ownBufferCount()).toBe(0);
});

it("takes kept memory back once its last byte is used no more, and not before", () => {
  const buffers = new ReadBuffers();
  read(buffers, { bytes: READ_BUFFER_BYTES });
  const kept = buffers.next;
  read(buffers, { bytes: READ_BUFFER_BYTES, isKept: true });
  buffers.reclaim(2 * READ_BUFFER_BYTES - 1);
  read(buffers, { bytes: READ_BUFFER_BYTES, isKept: true });
  expect(buffers.next).not.toBe(kept);
  buffers.reclaim(2 * READ_BUFFER_BYTES);
  read(buffers, { bytes: READ_BUFFER_BYTES, isKept: true });
  expect(buffers.next).toBe(kept);
  buffers.release();
});
