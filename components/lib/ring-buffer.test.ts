import fc from "fast-check";
import { expect, it } from "vitest";
import { RingBuffer } from "./ring-buffer.ts";

it("keeps the newest items, oldest first", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 8 }), fc.array(fc.integer()), (capacity, items) => {
      const buffer = new RingBuffer<number>(capacity);
      for (const item of items) buffer.push(item);
      expect(buffer.toArray()).toEqual(items.slice(-capacity));
      expect(buffer.last()).toBe(items.at(-1));
      expect(buffer.length).toBe(Math.min(items.length, capacity));
    }),
  );
});

it("refuses a capacity of nothing", () => {
  expect(() => new RingBuffer(0)).toThrow(RangeError);
});
