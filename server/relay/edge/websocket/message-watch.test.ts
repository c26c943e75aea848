import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  decodeFrameHeader,
  encodeFrameHeader,
  frameHeaderBytes,
  headerByteLength,
  OPCODE,
} from "#mux/transport/websocket/frame-header.ts";
import { applyMask } from "#mux/transport/websocket/masking.ts";
import { closeFrame } from "./close-frame.ts";
import { type MessageFault, type MessageLimits, MessageWatch } from "./message-watch.ts";

interface FrameSpec {
  readonly opcode: number;
  readonly payloadBytes: number;
  readonly isFinal?: boolean;
  readonly isMasked?: boolean;
}

/** @param shownBytes of the payload that really stand there. */
function frameOf(
  { opcode, payloadBytes, isFinal = true, isMasked = false }: FrameSpec,
  shownBytes = payloadBytes,
): Uint8Array {
  const headerBytes = frameHeaderBytes(payloadBytes, isMasked);
  // Payload that would be a header of its own, were it taken for one.
  const frame = new Uint8Array(headerBytes + shownBytes).fill(0x81);
  encodeFrameHeader(frame, { opcode, payloadBytes, maskKey: isMasked ? 0x1234_5678 : null });
  if (!isFinal) frame[0] = (frame[0] ?? 0) & 0x7f;
  return frame;
}

const text = (payloadBytes: number, over: Partial<FrameSpec> = {}): Uint8Array =>
  frameOf({ opcode: OPCODE.text, payloadBytes, ...over });

function watchOf(over: Partial<MessageLimits> = {}): {
  readonly watch: MessageWatch;
  readonly advance: (ms: number) => void;
} {
  const limits = { messageBytesMax: 1_000, messagesPerSecond: 1e9, bytesPerSecond: 1e9 };
  let nowMs = 5;
  const clock = { monotonicMs: () => nowMs };
  const advance = (ms: number): void => void (nowMs += ms);
  return { watch: new MessageWatch({ ...limits, ...over }, clock), advance };
}

/** @param cuts where chunks end. */
function chunksOf(bytes: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const ends = [...new Set(cuts.map((cut) => cut % (bytes.byteLength + 1)))].sort((a, b) => a - b);
  return [...ends, bytes.byteLength].map((end, i) => bytes.subarray(ends[i - 1] ?? 0, end));
}

const frame = fc.record({
  opcode: fc.constantFrom(OPCODE.text, OPCODE.binary, OPCODE.continuation, OPCODE.ping),
  payloadBytes: fc.oneof(fc.nat(3), fc.constantFrom(125, 126, 127, 600), fc.nat(900)),
  isFinal: fc.boolean(),
  isMasked: fc.boolean(),
});
const frames = fc.array(frame, { maxLength: 12 });
const cuts = fc.array(fc.nat(), { maxLength: 30 });

describe("counting messages", () => {
  it("counts what was sent, however it was cut", () => {
    fc.assert(
      fc.property(frames, cuts, (specs, where) => {
        const { watch } = watchOf({ messageBytesMax: Infinity });
        const bytes = Buffer.concat(specs.map((spec) => frameOf(spec)));
        for (const chunk of chunksOf(bytes, where)) expect(watch.push(chunk)).toBeNull();
        const isLast = ({ opcode, isFinal }: (typeof specs)[number]): boolean =>
          opcode < OPCODE.close && isFinal;
        expect(watch.messages).toBe(specs.filter(isLast).length);
      }),
    );
  });

  it("counts a message once its last byte is there, and control frames between its parts not at all", () => {
    const { watch } = watchOf();
    watch.push(text(3, { isFinal: false }));
    expect([watch.messages, watch.messageBytes]).toEqual([0, 3]);
    watch.push(frameOf({ opcode: OPCODE.ping, payloadBytes: 0 }));
    expect([watch.messages, watch.messageBytes]).toEqual([0, 3]);
    const last = frameOf({ opcode: OPCODE.continuation, payloadBytes: 2 });
    watch.push(last.subarray(0, last.byteLength - 1));
    expect([watch.messages, watch.messageBytes]).toEqual([0, 5]);
    watch.push(last.subarray(-1));
    expect([watch.messages, watch.messageBytes]).toEqual([1, 0]);
    watch.push(text(0));
    expect(watch.messages).toBe(2);
  });
});

describe("where a frame of ours can follow", () => {
  it("is after whole frames alone", () => {
    const { watch } = watchOf();
    expect(watch.isBetweenFrames).toBe(true);
    const bytes = frameOf({ opcode: OPCODE.text, payloadBytes: 2, isFinal: false });
    const states = [...bytes].map((byte) => {
      watch.push(Uint8Array.of(byte));
      return watch.isBetweenFrames;
    });
    expect(states).toEqual([false, false, false, true]);
  });

  it("is before a frame at fault only when nothing of it was passed on", () => {
    const tooBig = frameOf({ opcode: OPCODE.text, payloadBytes: 2_000 }, 0);
    const whole = watchOf().watch;
    expect(whole.push(Buffer.concat([text(1), tooBig]))?.passBytes).toBe(3);
    expect(whole.isBetweenFrames).toBe(true);
    const split = watchOf().watch;
    split.push(tooBig.subarray(0, 1));
    expect(split.push(tooBig.subarray(1))?.passBytes).toBe(0);
    expect(split.isBetweenFrames).toBe(false);
  });
});

describe("a message that is too big", () => {
  it("is found at its header, alone or in parts", () => {
    expect(watchOf().watch.push(text(1_000))).toBeNull();
    const whole = watchOf().watch;
    expect(whole.push(frameOf({ opcode: OPCODE.binary, payloadBytes: 1_001 }, 0))?.code).toBe(1009);
    const parts = watchOf().watch;
    expect(parts.push(text(600, { isFinal: false }))).toBeNull();
    const rest = frameOf({ opcode: OPCODE.continuation, payloadBytes: 401 }, 0);
    expect(parts.push(rest)).toMatchObject({ code: 1009, reason: "message too big" });
  });

  it("may claim any length", () => {
    const header = Uint8Array.of(0x82, 127, 255, 255, 255, 255, 255, 255, 255, 255);
    expect(watchOf().watch.push(header)?.code).toBe(1009);
  });

  it("cannot hide behind a new message that is begun before the last has ended", () => {
    const { watch } = watchOf();
    expect(watch.push(text(900, { isFinal: false }))).toBeNull();
    expect(watch.push(text(900, { isFinal: false }))?.code).toBe(1009);
  });

  it("says how much may be passed on before it, however it was cut", () => {
    fc.assert(
      fc.property(frames, cuts, (specs, where) => {
        const good = specs.map((spec) => frameOf({ ...spec, isFinal: true }));
        const bytes = Buffer.concat([...good, text(5_000)]);
        const boundary = bytes.byteLength - text(5_000).byteLength;
        const { watch } = watchOf();
        let passed = 0;
        let fault: MessageFault | null = null;
        for (const chunk of chunksOf(bytes, where)) {
          fault = watch.push(chunk);
          passed += fault?.passBytes ?? chunk.byteLength;
          if (fault !== null) break;
        }
        expect(fault?.code).toBe(1009);
        if (watch.isBetweenFrames) expect(passed).toBe(boundary);
        else expect(passed).toBeGreaterThan(boundary);
        expect(passed).toBeLessThan(boundary + 14);
        expect(watch.push(text(1))).toEqual({ ...fault, passBytes: 0 });
      }),
    );
  });
});

describe("rates", () => {
  it("hold for messages, with a burst and with time", () => {
    const { watch, advance } = watchOf({ messagesPerSecond: 20 });
    for (let i = 0; i < 20; i += 1) expect(watch.push(text(1))).toBeNull();
    advance(500);
    for (let i = 0; i < 10; i += 1) expect(watch.push(text(1))).toBeNull();
    expect(watch.push(text(1))).toMatchObject({ code: 1008, reason: "too many messages" });
  });

  it("count one message for all its parts", () => {
    const { watch } = watchOf({ messagesPerSecond: 1 });
    expect(watch.push(text(1, { isFinal: false }))).toBeNull();
    for (let i = 0; i < 9; i += 1) {
      const part = frameOf({ opcode: OPCODE.continuation, payloadBytes: 1, isFinal: false });
      expect(watch.push(part)).toBeNull();
    }
  });

  it("hold for bytes: a large message is let through, and paid off before the next", () => {
    const { watch, advance } = watchOf({ bytesPerSecond: 500 });
    expect(watch.push(text(1_000))).toBeNull();
    advance(1_001);
    expect(watch.push(text(1))).toBeNull();
    const late = watchOf({ bytesPerSecond: 500 });
    expect(late.watch.push(text(1_000))).toBeNull();
    late.advance(999);
    expect(late.watch.push(text(1))).toMatchObject({ code: 1008, reason: "too many bytes" });
  });

  it("stop a flood of empty frames as well", () => {
    const { watch } = watchOf({ bytesPerSecond: 6_400 });
    const pings = Buffer.concat(Array.from({ length: 101 }, () => Uint8Array.of(0x89, 0)));
    expect(watch.push(pings)).toMatchObject({ code: 1008, passBytes: 200 });
  });

  it("do not run backwards with the clock", () => {
    const { watch, advance } = watchOf({ messagesPerSecond: 1 });
    advance(-1_000);
    expect(watch.push(text(1))).toBeNull();
  });
});

describe("a close frame", () => {
  it.each([false, true])("holds code and reason, masked: %s", (isMasked) => {
    const bytes = closeFrame(1009, "message too big", isMasked);
    const header = decodeFrameHeader(bytes, 0);
    expect(header).toMatchObject({ isFinal: true, opcode: OPCODE.close, isMasked });
    const payload = bytes.subarray(headerByteLength(bytes[1] ?? 0));
    expect(payload.byteLength).toBe(header.payloadBytes);
    applyMask(payload, header.maskKey, 0);
    expect(Buffer.from(payload).readUInt16BE(0)).toBe(1009);
    expect(Buffer.from(payload.subarray(2)).toString()).toBe("message too big");
  });

  it("cuts a long reason between characters", () => {
    const bytes = closeFrame(1008, "é".repeat(100), false);
    expect(bytes[1]).toBe(2 + 122);
    expect(Buffer.from(bytes.subarray(4)).toString()).toBe("é".repeat(61));
  });
});
