import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DATAGRAM_MAX_BYTES, DatagramReader, frameDatagram } from "./datagrams.ts";

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

function read(chunks: readonly Uint8Array[]): Uint8Array[] {
  const seen: Uint8Array[] = [];
  const reader = new DatagramReader((datagram) => seen.push(new Uint8Array(datagram)));
  for (const chunk of chunks) reader.push(chunk);
  return seen;
}

describe("datagrams in a stream", () => {
  it.each([
    ["an empty one", new Uint8Array(0), "0000"],
    ["three bytes", Uint8Array.of(1, 2, 3), "0003010203"],
    ["300 bytes", new Uint8Array(300), `012c${"00".repeat(300)}`],
  ])("frames %s", (_what, datagram, golden) => {
    expect(hex(frameDatagram(datagram))).toBe(golden);
  });

  it("keep their boundaries however the stream is cut", () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 12 }),
        fc.infiniteStream(fc.integer({ min: 1, max: 9 })),
        (datagrams, sizes) => {
          const whole = Buffer.concat(datagrams.map(frameDatagram));
          const chunks: Uint8Array[] = [];
          for (let at = 0; at < whole.byteLength;) {
            const size = Number(sizes.next().value);
            chunks.push(whole.subarray(at, at + size));
            at += size;
          }
          expect(read(chunks).map(hex)).toEqual(datagrams.map(hex));
        },
      ),
    );
  });

  it("may be as large as their length can say", () => {
    const datagram = new Uint8Array(DATAGRAM_MAX_BYTES).fill(7);
    const framed = frameDatagram(datagram);
    expect(read([framed.subarray(0, 1), framed.subarray(1)])).toEqual([datagram]);
  });

  it("survive the memory that their first half came in", () => {
    const seen: string[] = [];
    const reader = new DatagramReader((datagram) => seen.push(hex(datagram)));
    // A Buffer, as the network delivers it: there `slice` would be a view of the same memory.
    const lent = Buffer.from("0003010203", "hex");
    reader.push(lent.subarray(0, 4));
    lent.fill(0xff, 0, 4);
    reader.push(lent.subarray(4));
    expect(seen).toEqual(["010203"]);
  });
});
