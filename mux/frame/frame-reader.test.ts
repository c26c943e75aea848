import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodeHeader, FRAME, HEADER_BYTES } from "./frame-header.ts";
import { FrameReader } from "./frame-reader.ts";
import { isProtocolError, ProtocolError } from "./protocol-error.ts";

interface Setup {
  readonly isWanted?: (streamId: number) => boolean;
  readonly check?: (length: number) => void;
}

/** Notes frames as "type:stream:length", payload as its text, and "." for the end of a payload. */
function setup({ isWanted = () => true, check = () => {} }: Setup = {}) {
  const calls: string[] = [];
  const views: Uint8Array[] = [];
  let payload = "";
  const reader = new FrameReader({
    onFrame: ({ type, streamId, length }) => {
      check(length);
      calls.push(`${type}:${streamId}:${length}`);
      return isWanted(streamId);
    },
    onPayload: (chunk) => {
      views.push(chunk);
      payload += Buffer.from(chunk).toString("latin1");
    },
    onPayloadEnd: () => {
      calls.push(`${payload}.`);
      payload = "";
    },
  });
  return { reader, calls, views };
}

const data = (streamId: number, text: string): Buffer =>
  Buffer.concat([encodeHeader(FRAME.data, 0, streamId, text.length), Buffer.from(text)]);

const wire = Buffer.concat([
  data(1, "first"),
  encodeHeader(FRAME.windowUpdate, 1, 2, 77_777),
  encodeHeader(FRAME.ping, 1, 0, 9),
  data(3, ""),
  data(1, "second"),
  encodeHeader(FRAME.goAway, 0, 0, 0),
]);
const told = ["0:1:5", "first.", "1:2:77777", "2:0:9", "0:3:0", ".", "0:1:6", "second.", "3:0:0"];

describe("FrameReader", () => {
  it("reads the same frames from any chunking of the same bytes", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 20 }), { maxLength: 60 }), (sizes) => {
        const { reader, calls } = setup();
        let at = 0;
        for (const size of sizes) {
          reader.push(wire.subarray(at, at + size));
          at += size;
        }
        reader.push(wire.subarray(at));
        expect(calls).toEqual(told);
      }),
    );
  });

  it("hands on views into what it was given, never a copy", () => {
    const { reader, views } = setup();
    reader.push(wire);
    expect(views.map(({ buffer }) => buffer === wire.buffer)).toEqual([true, true]);
  });

  it("skips the payload of a frame that is not wanted", () => {
    const { reader, calls } = setup({ isWanted: (streamId) => streamId !== 1 });
    reader.push(wire);
    expect(calls).toEqual(told.filter((call) => call !== "first." && call !== "second."));
  });

  it("asks about a declared length before it looks at any payload, and keeps none", () => {
    const { reader, calls, views } = setup({
      check: (length) => {
        if (length > 1_000) throw new ProtocolError("credit_exceeded", "too long");
      },
    });
    const huge = Buffer.concat([encodeHeader(FRAME.data, 0, 1, 0xffff_ffff), Buffer.alloc(50_000)]);
    expect(() => reader.push(huge)).toThrow(expect.objectContaining({ fault: "credit_exceeded" }));
    reader.push(wire);
    expect(calls).toEqual([]);
    expect(views).toEqual([]);
  });

  it("ignores everything after stop, also in the middle of a chunk", () => {
    const calls: number[] = [];
    const reader = new FrameReader({
      onFrame: ({ type }) => {
        calls.push(type);
        reader.stop();
        return true;
      },
      onPayload: () => calls.push(-1),
      onPayloadEnd: () => calls.push(-2),
    });
    reader.push(data(1, "payload"));
    reader.push(wire);
    expect(calls).toEqual([FRAME.data]);
  });

  it("answers arbitrary bytes with frames or one ProtocolError, nothing else", () => {
    const isPlausible = fc.uint8Array({ minLength: HEADER_BYTES, maxLength: 200 }).map((bytes) => {
      bytes[0] = 0;
      bytes[1] = (bytes[1] ?? 0) % 5;
      bytes.fill(0, 2, 7);
      return bytes;
    });
    fc.assert(
      fc.property(fc.oneof(isPlausible, fc.uint8Array({ maxLength: 200 })), (bytes) => {
        const { reader } = setup();
        try {
          reader.push(bytes);
        } catch (error) {
          expect(isProtocolError(error)).toBe(true);
        }
      }),
    );
  });
});
