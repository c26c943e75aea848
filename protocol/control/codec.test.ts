import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isAppError } from "../errors.ts";
import { decodeControl, encodeControl } from "./codec.ts";
import type { HttpBackend, HttpRule } from "./http-routing.ts";
import type { InventoryGateway } from "./inventory.ts";

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

  it("carries the deepest part of an inventory, and what looks like a name as it is", () => {
    const change = { set: [{ name: "x_one-Two", value: "aB_c" }], add: [], remove: ["x_y"] };
    const backend: HttpBackend = {
      namespace: "shop",
      name: "web",
      port: 80,
      weight: 1,
      ready: true,
      isInvalid: false,
      protocol: "h2c",
      filters: [{ type: "request_headers", change }],
    };
    const rule: HttpRule = {
      route: "HTTPRoute shop/web",
      hostnames: ["a.example.com"],
      matches: [
        {
          path: { type: "PathPrefix", value: "/a_b/camelCase" },
          method: "GET",
          headers: [{ type: "Exact", name: "user_Id", value: "a_b" }],
          query: [{ type: "Exact", name: "pageSize", value: "page_size" }],
        },
      ],
      filters: [],
      backends: [backend],
      requestTimeoutMs: 5,
      backendTimeoutMs: null,
    };
    const gateway: InventoryGateway = {
      namespace: "shop",
      name: "edge",
      addresses: [],
      routingMode: null,
      idleTimeoutMs: null,
      listeners: [
        {
          name: "web",
          port: 80,
          protocol: "http",
          hostname: null,
          routes: [],
          backends: [],
          problem: null,
          problemCode: null,
          http: { isThroughGateway: false, isTls: false, rules: [rule] },
        },
      ],
    };
    const payload = { base: 1, generation: 2, upsert: [gateway], remove: [] };
    const text = encodeControl("inventory_change", payload, { now });
    expect(decodeControl(text, "agent")).toMatchObject({ type: "inventory_change", payload });
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
