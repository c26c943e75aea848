import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isAppError } from "../errors.ts";
import { decodeControl, encodeControl } from "./codec.ts";

const now = new Date("2026-01-02T03:04:05.006Z");

describe("control message codec", () => {
  it("writes snake_case and reads camelCase", () => {
    const text = encodeControl(
      "heartbeat",
      { streams: 3, uptimeSeconds: 4, memoryBytes: 5 },
      { requestId: "r1", now },
    );
    expect(JSON.parse(text)).toEqual({
      type: "heartbeat",
      request_id: "r1",
      payload: { streams: 3, uptime_seconds: 4, memory_bytes: 5 },
      timestamp: "2026-01-02T03:04:05.006Z",
    });
    expect(decodeControl(text, "agent")).toEqual({
      type: "heartbeat",
      requestId: "r1",
      payload: { streams: 3, uptimeSeconds: 4, memoryBytes: 5 },
    });
  });

  it("ignores a type that this version does not know", () => {
    expect(decodeControl('{"type":"from_the_future","payload":{"a":1}}', "agent")).toBeNull();
  });

  it("does not take a name of Object.prototype for a message", () => {
    expect(decodeControl('{"type":"constructor","payload":{}}', "agent")).toBeNull();
  });

  it.each([
    ["no JSON", "nonsense"],
    ["an array", "[]"],
    ["no type", '{"payload":{}}'],
    ["a wrong direction", '{"type":"register_success","payload":{}}'],
    ["a missing field", '{"type":"heartbeat","payload":{}}'],
    ["a number as request id", '{"type":"heartbeat_ack","request_id":5,"payload":{}}'],
    ["endless nesting", `{"type":"drain","payload":${'{"a":'.repeat(50)}1${"}".repeat(50)}}`],
  ])("refuses %s", (_name, text) => {
    expect(() => decodeControl(text, "agent")).toThrow(
      expect.objectContaining({ code: "bad_request" }),
    );
  });

  it("answers any text with a message, null or bad_request, nothing else", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        try {
          decodeControl(text, "agent");
        } catch (error) {
          expect(isAppError(error) && error.code).toBe("bad_request");
        }
      }),
    );
  });
});
