import { expect, it } from "vitest";
import { PackedBytes } from "./packed-bytes.ts";

const PIECES = Array.from({ length: 5_000 }, (_, index) =>
  Buffer.alloc(index % 97 === 0 ? 3_000 : 1 + (index % 5), index % 251),
);

function createFull(): PackedBytes {
  const packed = new PackedBytes();
  for (const piece of PIECES) {
    const lent = Buffer.from(piece);
    packed.push(lent);
    lent.fill(255);
  }
  return packed;
}

it("gives back what was pushed, in order and in few pieces, whatever becomes of the memory", () => {
  const packed = createFull();
  const blocks: Uint8Array[] = [];
  for (let next = packed.shift(); next !== undefined; next = packed.shift()) blocks.push(next);
  expect(Buffer.concat(blocks).equals(Buffer.concat(PIECES))).toBe(true);
  expect(blocks.length).toBeLessThan(20);
  expect(packed.isEmpty).toBe(true);
});

it("gives everything in one piece", () => {
  const packed = createFull();
  expect(Buffer.from(packed.takeAll()).equals(Buffer.concat(PIECES))).toBe(true);
  expect(packed.takeAll()).toHaveLength(0);
});

it("serves again after it was emptied", () => {
  const packed = createFull();
  packed.takeAll();
  packed.push(Buffer.from("again"));
  expect(Buffer.from(packed.takeAll()).toString()).toBe("again");
});
