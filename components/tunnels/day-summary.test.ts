import { describe, expect, it } from "vitest";
import { makeConnection } from "#components/connections/testing/make-connection.ts";
import { summariseLatency } from "./day-summary.ts";

describe("summariseLatency", () => {
  it("names times that were measured", () => {
    const connections = [5, 1, 3, 2, 4].map((openLatencyMs) => makeConnection({ openLatencyMs }));
    expect(summariseLatency(connections)).toEqual({ count: 5, p50: 3, p99: 5 });
  });

  it("knows nothing of connections that were never answered", () => {
    expect(summariseLatency([makeConnection({ openLatencyMs: null })])).toBeNull();
  });
});
