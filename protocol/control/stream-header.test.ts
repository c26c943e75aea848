import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ConnectionId, TunnelId } from "../api/ids.ts";
import {
  createStreamHeaderReader,
  createStreamReplyReader,
  DIAL_STATUSES,
  encodeStreamHeader,
  encodeStreamReply,
  type DialStatus,
  type StreamHeader,
} from "./stream-header.ts";

const header: StreamHeader = {
  kind: "tcp",
  target: { namespace: "shop", gateway: "edge", protocol: "tcp", port: 5432, hostname: null },
  tunnelId: TunnelId.parse("tn_0123456789"),
  connectionId: ConnectionId.parse("cn_0123456789"),
  clientAddress: "203.0.113.7:40000",
  connectTimeoutMs: 30_000,
};

function join(parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

describe("stream preamble", () => {
  it("survives every chunking and hands over what follows", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 40 }),
        fc.array(fc.integer({ min: 1, max: 60 })),
        (tail, cuts) => {
          const bytes = join([encodeStreamHeader(header), tail]);
          const reader = createStreamHeaderReader();
          const rest: Uint8Array[] = [];
          let result: ReturnType<typeof reader.push> = null;
          let at = 0;
          for (const cut of [...cuts, bytes.byteLength]) {
            const chunk = bytes.subarray(at, at + cut);
            at += chunk.byteLength;
            if (result === null) {
              result = reader.push(chunk);
              if (result !== null) rest.push(result.rest);
            } else rest.push(chunk);
          }
          expect(result?.value).toEqual(header);
          expect(join(rest)).toEqual(tail);
        },
      ),
    );
  });

  it.each(Object.keys(DIAL_STATUSES) as DialStatus[])("carries the answer %s", (status) => {
    const reader = createStreamReplyReader();
    expect(reader.push(encodeStreamReply({ status, message: "why" }))?.value).toEqual({
      status,
      message: "why",
    });
  });

  it("refuses a declared length beyond the bound before it holds a byte more", () => {
    expect(() => createStreamHeaderReader().push(Uint8Array.of(2, 0xff, 0xff))).toThrow(
      expect.objectContaining({ code: "bad_request" }),
    );
  });

  it.each([
    ["version 1", Uint8Array.of(1, 0, 2, 123, 125)],
    ["no JSON", Uint8Array.of(2, 0, 1, 120)],
    ["invalid UTF-8", Uint8Array.of(2, 0, 1, 0xff)],
    ["an empty object", Uint8Array.of(2, 0, 2, 123, 125)],
  ])("refuses %s", (_name, bytes) => {
    expect(() => createStreamHeaderReader().push(bytes)).toThrow(
      expect.objectContaining({ code: "bad_request" }),
    );
  });

  it("cuts a long message to its bound", () => {
    const reply = encodeStreamReply({ status: "failed", message: "é".repeat(5_000) });
    expect(createStreamReplyReader().push(reply)?.value.message.length).toBe(200);
  });
});
