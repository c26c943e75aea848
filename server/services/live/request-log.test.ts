import { describe, expect, it } from "vitest";
import { RECENT_REQUESTS_MAX } from "#protocol/api/requests.ts";
import { requestOf } from "#server/services/testing/http-records.ts";
import { REQUESTS_KEPT, RequestLog } from "./request-log.ts";

const tunnelNumber = (n: number): string => `tn_${String(n).padStart(12, "0")}`;
const requestsOf = (tunnelId: string, count: number) =>
  Array.from({ length: count }, (_, at) => ({ ...requestOf(tunnelId, { at }), relayId: "rl_1" }));

describe("RequestLog", () => {
  it("keeps the newest of each tunnel, the newest first", () => {
    const log = new RequestLog();
    log.record(requestsOf(tunnelNumber(1), RECENT_REQUESTS_MAX + 5));
    log.record(requestsOf(tunnelNumber(2), 1));
    const kept = log.of(tunnelNumber(1));
    expect(kept).toHaveLength(RECENT_REQUESTS_MAX);
    expect(kept[0]?.at).toBe(RECENT_REQUESTS_MAX + 4);
    expect(kept.at(-1)?.at).toBe(5);
    expect(log.of(tunnelNumber(2))).toHaveLength(1);
    log.forget(tunnelNumber(1));
    expect(log.of(tunnelNumber(1))).toEqual([]);
  });

  it("forgets the tunnels that are quiet for longest at its bound", () => {
    const log = new RequestLog();
    const tunnels = REQUESTS_KEPT / RECENT_REQUESTS_MAX;
    const request = requestsOf(tunnelNumber(0), RECENT_REQUESTS_MAX);
    for (let i = 0; i < tunnels; i++) {
      const id = requestOf(tunnelNumber(i)).tunnelId;
      log.record(request.map((known) => ({ ...known, tunnelId: id })));
    }
    expect(log.of(tunnelNumber(0))).toHaveLength(RECENT_REQUESTS_MAX);
    log.record(requestsOf(tunnelNumber(0), 1));
    // What was said over again took the place of what it pushed out.
    expect(log.of(tunnelNumber(1))).toHaveLength(RECENT_REQUESTS_MAX);
    log.record(requestsOf(tunnelNumber(tunnels), 1));
    expect(log.of(tunnelNumber(0))).toHaveLength(RECENT_REQUESTS_MAX);
    expect(log.of(tunnelNumber(1))).toEqual([]);
    expect(log.of(tunnelNumber(2))).toHaveLength(RECENT_REQUESTS_MAX);
    expect(log.of(tunnelNumber(tunnels))).toHaveLength(1);
  });
});
