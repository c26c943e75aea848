import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { MuxStreamHandler, MuxStreamPort } from "#mux/stream/mux-stream-port.ts";
import { encodeStreamReply, type StreamReply } from "#protocol/control/stream-header.ts";
import { DialedStream } from "./dialed-stream.ts";

class FakeStream implements MuxStreamPort {
  readonly id = 2;
  readonly bytesReceived = 0;
  readonly bytesSent = 0;
  handler: MuxStreamHandler | null = null;
  consumed = 0;
  written: Uint8Array[] = [];
  #isClosed = false;
  write(chunk: Uint8Array): boolean {
    this.written.push(chunk);
    return true;
  }
  end(): void {
    // The half-close changes nothing for these tests.
  }
  reset(): void {
    this.close("reset_locally");
  }
  consume(bytes: number): void {
    this.consumed += bytes;
  }
  bind(handler: MuxStreamHandler): void {
    this.handler = handler;
  }
  close(why: Parameters<MuxStreamHandler["onClose"]>[0]): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.handler?.onClose(why);
  }
}

function setup() {
  const stream = new FakeStream();
  const told: string[] = [];
  const replies: StreamReply[] = [];
  const data: number[] = [];
  const dialed = new DialedStream(stream, {
    onReply: (reply) => {
      told.push("reply");
      replies.push(reply);
    },
    onBadReply: () => void told.push("bad"),
    onNoReply: (why) => void told.push(why),
  });
  dialed.bind({
    onData: (chunk) => void data.push(...chunk),
    onBatchEnd: () => undefined,
    onEnd: () => void told.push("end"),
    onDrain: () => undefined,
    onClose: (why) => void told.push(`closed ${why}`),
  });
  return { stream, told, replies, data, dialed };
}

const ok = encodeStreamReply({ status: "ok", message: "" });

describe("DialedStream", () => {
  it("hides the answer from the user, however the bytes are cut, and returns its credit", () => {
    const cuts = fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(cuts, fc.uint8Array({ maxLength: 40 }), (sizes, payload) => {
        const { stream, replies, data } = setup();
        const wire = Uint8Array.from([...ok, ...payload]);
        for (let at = 0, i = 0; at < wire.byteLength; i++) {
          const size = sizes[i % sizes.length] ?? 1;
          stream.handler?.onData(wire.slice(at, at + size));
          at += size;
        }
        expect(data).toEqual([...payload]);
        expect(replies).toEqual([{ status: "ok", message: "" }]);
        expect(stream.consumed).toBe(ok.byteLength);
      }),
    );
  });

  it("passes the client's bytes on before there is an answer", () => {
    const { stream, dialed } = setup();
    dialed.write(Uint8Array.of(1, 2));
    expect(stream.written).toHaveLength(1);
  });

  it("delivers nothing after an answer that is a refusal", () => {
    const { stream, data, replies } = setup();
    const refusal = encodeStreamReply({ status: "refused", message: "no" });
    stream.handler?.onData(refusal);
    expect(replies).toEqual([{ status: "refused", message: "no" }]);
    expect(data).toEqual([]);
  });

  it("says so once when the answer is none", () => {
    const { stream, told } = setup();
    stream.handler?.onData(Uint8Array.of(0, 0xff, 0xff));
    stream.close("reset_by_peer");
    expect(told).toEqual(["bad", "closed reset_by_peer"]);
  });

  it.each(["reset_by_peer", "session_closed"] as const)(
    "says so when it ends by %s first",
    (why) => {
      const { stream, told } = setup();
      stream.close(why);
      expect(told).toEqual([why, `closed ${why}`]);
    },
  );

  it("resets a stream that the agent half-closes without an answer", () => {
    const { stream, told } = setup();
    stream.handler?.onEnd();
    expect(told).toEqual(["ended", "closed reset_locally"]);
  });

  it("passes the end on after an answer", () => {
    const { stream, told } = setup();
    stream.handler?.onData(ok);
    stream.handler?.onEnd();
    expect(told).toEqual(["reply", "end"]);
  });
});
