import fc from "fast-check";
import { expect, it } from "vitest";
import { applyMask } from "./masking.ts";

/** RFC 6455 section 5.3, word for word. */
function maskByTheBook(bytes: Uint8Array, key: number, phase: number): Uint8Array {
  const octets = [24, 16, 8, 0].map((shift) => (key >>> shift) & 0xff);
  return bytes.map((byte, index) => byte ^ (octets[(index + phase) % 4] ?? 0));
}

it("masks like RFC 6455 for every alignment, phase and length", () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 300 }),
      fc.nat(0xffffffff),
      fc.nat(9),
      fc.nat(7),
      (payload, key, phase, offset) => {
        const memory = new Uint8Array(offset + payload.length + 8).fill(0xaa);
        const view = memory.subarray(offset, offset + payload.length);
        view.set(payload);
        applyMask(view, key, phase);
        expect(view).toEqual(maskByTheBook(payload, key, phase));
        expect(memory.subarray(0, offset).every((byte) => byte === 0xaa)).toBe(true);
        expect(memory.subarray(offset + payload.length).every((byte) => byte === 0xaa)).toBe(true);
      },
    ),
  );
});

it("leaves everything as it is with the key zero", () => {
  const bytes = new Uint8Array(100).fill(7);
  applyMask(bytes, 0, 3);
  expect(bytes.every((byte) => byte === 7)).toBe(true);
});
