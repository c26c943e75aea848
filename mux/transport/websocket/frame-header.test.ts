import { expect, it } from "vitest";
import {
  decodeFrameHeader,
  encodeFrameHeader,
  frameHeaderBytes,
  headerByteLength,
  MAX_HEADER_BYTES,
  OPCODE,
} from "./frame-header.ts";

const LENGTHS = [0, 1, 125, 126, 127, 65_535, 65_536, 2 ** 31, 2 ** 32, 2 ** 40 + 5];

it.each(LENGTHS.flatMap((length) => [[length, null] as const, [length, 0xdeadbeef] as const]))(
  "reads back the header of %i bytes with key %s, at an offset too",
  (payloadBytes, maskKey) => {
    const memory = new Uint8Array(3 + MAX_HEADER_BYTES);
    const view = memory.subarray(3);
    const written = encodeFrameHeader(view, { opcode: OPCODE.binary, payloadBytes, maskKey });
    expect(written).toBe(frameHeaderBytes(payloadBytes, maskKey !== null));
    expect(written).toBe(headerByteLength(view[1] ?? 0));
    expect(decodeFrameHeader(memory, 3)).toEqual({
      isFinal: true,
      reservedBits: 0,
      opcode: OPCODE.binary,
      isMasked: maskKey !== null,
      payloadBytes,
      maskKey: maskKey ?? 0,
    });
  },
);

it("writes the examples of RFC 6455 section 5.7", () => {
  const header = new Uint8Array(10);
  encodeFrameHeader(header, { opcode: OPCODE.binary, payloadBytes: 65_536, maskKey: null });
  expect([...header]).toEqual([0x82, 0x7f, 0, 0, 0, 0, 0, 1, 0, 0]);
  encodeFrameHeader(header, { opcode: OPCODE.binary, payloadBytes: 256, maskKey: null });
  expect([...header.subarray(0, 4)]).toEqual([0x82, 0x7e, 1, 0]);
});

it("calls a length above 2^53 infinite", () => {
  const header = Uint8Array.of(0x82, 127, 0x7f, 255, 255, 255, 255, 255, 255, 255);
  expect(decodeFrameHeader(header, 0).payloadBytes).toBe(Infinity);
});
