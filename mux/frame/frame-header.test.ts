import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  decodeHeader,
  encodeHeader,
  FLAG,
  FRAME,
  FRAME_TABLE,
  HEADER_BYTES,
  type FrameHeader,
} from "./frame-header.ts";
import { isProtocolError, PROTOCOL_FAULTS, ProtocolError } from "./protocol-error.ts";

interface GoldenFrame {
  readonly name: string;
  readonly type: number;
  readonly flags: number;
  readonly streamId: number;
  readonly length: number;
  readonly bytes: string;
}

const goldenFile = join(import.meta.dirname, "../testing/golden-frames.json");
const golden = JSON.parse(readFileSync(goldenFile, "utf8")) as readonly GoldenFrame[];
const hex = (text: string): Uint8Array => Buffer.from(text.replaceAll(" ", ""), "hex");
const empty = (): FrameHeader => ({ type: -1, flags: -1, streamId: -1, length: -1 });

function decode(bytes: Uint8Array, offset = 0): FrameHeader {
  const header = empty();
  decodeHeader(bytes, offset, header);
  return header;
}

describe("frame header", () => {
  it.each(golden)("agrees with the original when $name", (frame) => {
    const { type, flags, streamId, length } = frame;
    expect(decode(hex(frame.bytes))).toEqual({ type, flags, streamId, length });
    const header = hex(frame.bytes).subarray(0, HEADER_BYTES);
    expect(Buffer.from(encodeHeader(type, flags, streamId, length))).toEqual(header);
  });

  it("has golden frames of every type and flag", () => {
    const types = new Set(golden.map(({ type }) => type));
    const flags = golden.reduce((sum, frame) => sum | frame.flags, 0);
    expect(types).toEqual(new Set(Object.values(FRAME)));
    expect(flags).toBe(FLAG.syn | FLAG.ack | FLAG.fin | FLAG.rst);
  });

  it.each([
    ["another version", "01 00 0000 00000001 00000000", "unsupported_version"],
    ["an unknown type", "00 04 0000 00000001 00000000", "unknown_frame_type"],
    ["an unknown flag", "00 00 0010 00000001 00000000", "malformed_frame"],
    ["a flag in the high byte", "00 01 0100 00000001 00000000", "malformed_frame"],
    ["a flag its type does not have", "00 02 0004 00000000 00000000", "malformed_frame"],
    ["a go-away with a flag", "00 03 0001 00000000 00000000", "malformed_frame"],
    ["data on stream 0", "00 00 0000 00000000 00000000", "malformed_frame"],
    ["a ping on a stream", "00 02 0001 00000001 00000000", "malformed_frame"],
  ])("rejects %s", (_name, bytes, fault) => {
    expect(() => decode(hex(bytes))).toThrow(expect.objectContaining({ fault, scope: "session" }));
  });

  it("leaves the old header alone when it rejects", () => {
    const header = empty();
    expect(() => decodeHeader(hex("01 00 0000 00000001 00000000"), 0, header)).toThrow();
    expect(header).toEqual(empty());
  });

  it("round-trips every header that the table allows, at any offset", () => {
    const anyFrame = fc.constantFrom(...Object.values(FRAME_TABLE)).chain((spec) =>
      fc.record({
        type: fc.constant(spec.code),
        flags: fc.nat(15).map((flags) => flags & spec.flags),
        streamId:
          spec.scope === "session" ? fc.constant(0) : fc.integer({ min: 1, max: 0xffff_ffff }),
        length: fc.integer({ min: 0, max: 0xffff_ffff }),
      }),
    );
    fc.assert(
      fc.property(anyFrame, fc.nat(7), (frame, offset) => {
        const header = encodeHeader(frame.type, frame.flags, frame.streamId, frame.length);
        const bytes = Buffer.concat([Buffer.alloc(offset, 0xff), header, Buffer.alloc(3, 0xff)]);
        expect(decode(bytes.subarray(0), offset)).toEqual(frame);
        expect(decode(bytes.subarray(offset))).toEqual(frame);
      }),
    );
  });

  it.each([
    ["an unknown type", [4, 0, 1, 0]],
    ["a flag its type does not have", [FRAME.ping, FLAG.fin, 0, 0]],
    ["data on stream 0", [FRAME.data, 0, 0, 0]],
    ["a stream id beyond 32 bits", [FRAME.data, 0, 2 ** 32, 0]],
    ["a length beyond 32 bits", [FRAME.data, 0, 1, 2 ** 32]],
    ["a negative length", [FRAME.data, 0, 1, -1]],
    ["no number", [FRAME.data, 0, 1, Number.NaN]],
  ] as const)("refuses to encode %s", (_name, [type, flags, streamId, length]) => {
    expect(() => encodeHeader(type, flags, streamId, length)).toThrow(RangeError);
  });

  it("answers arbitrary bytes with a header or a ProtocolError, nothing else", () => {
    const bytes = fc.uint8Array({ minLength: HEADER_BYTES, maxLength: 20 });
    fc.assert(
      fc.property(bytes, (input) => {
        try {
          const { type, streamId } = decode(input);
          expect([0, 1, 2, 3]).toContain(type);
          expect(streamId === 0).toBe(type >= 2);
        } catch (error) {
          expect(isProtocolError(error)).toBe(true);
        }
      }),
    );
  });
});

describe("ProtocolError", () => {
  it("takes its scope from the table", () => {
    for (const fault of Object.keys(PROTOCOL_FAULTS) as (keyof typeof PROTOCOL_FAULTS)[]) {
      expect(new ProtocolError(fault, "").scope).toBe(PROTOCOL_FAULTS[fault].scope);
    }
  });

  it.each([[new Error("x")], [null], [undefined], ["x"], [{}]])("is not %s", (value) => {
    expect(isProtocolError(value)).toBe(false);
  });
});
