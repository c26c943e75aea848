import { describe, expect, it } from "vitest";
import { endedAt, filterRequests, requestPlace, type RequestFilter } from "./request-view.ts";
import { answerOf, requestVerb } from "./request-words.ts";
import { makeRequest } from "./testing/make-request.ts";

const requests = [
  makeRequest({ id: "cn_ok000000" }),
  makeRequest({ id: "cn_missing0", status: 404 }),
  makeRequest({ id: "cn_broken00", status: 502, error: "backend_refused" }),
  makeRequest({ id: "cn_socket00", status: 101, upgrade: "websocket" }),
  makeRequest({ id: "cn_left0000", status: null, firstByteMs: null }),
];

describe("the filter of requests", () => {
  it.each<[RequestFilter, string[]]>([
    ["all", requests.map(({ id }) => id)],
    ["4xx", ["cn_missing0"]],
    ["5xx", ["cn_broken00"]],
    ["websocket", ["cn_socket00"]],
  ])("%s", (filter, ids) => {
    expect(filterRequests(requests, filter).map(({ id }) => id)).toEqual(ids);
  });
});

describe("words for a request", () => {
  it.each([
    [{ status: 200 }, "200 OK", "success"],
    [{ status: 304 }, "304 Not Modified", "info"],
    [{ status: 418 }, "418", "warning"],
    [{ status: 599 }, "599", "danger"],
    [{ status: 999 }, "999", "off"],
    [{ status: null }, "Client left", "off"],
  ])("%o is %s", (change, text, tone) => {
    expect(answerOf(makeRequest(change))).toEqual({ text, tone, own: null });
  });

  it("tell an answer of Culvert from one of the service", () => {
    expect(answerOf(makeRequest({ status: 502, error: "backend_refused" })).own).toBe(
      "The service refused the connection",
    );
  });

  it("call a connection by what it became", () => {
    expect(requestVerb(makeRequest({ method: "POST" }))).toBe("POST");
    expect(requestVerb(makeRequest({ upgrade: "WebSocket" }))).toBe("WebSocket");
    expect(requestVerb(makeRequest({ upgrade: "h2c" }))).toBe("h2c");
  });

  it("name host and backend only where they tell requests apart", () => {
    const request = makeRequest({ host: "shop.example.com" });
    const place = (host: string, hasManyBackends: boolean) =>
      requestPlace(request, { host, hasManyBackends });
    expect(place("shop.example.com", false)).toBeNull();
    expect(place("own.localhost", false)).toBe("shop.example.com");
    expect(place("own.localhost", true)).toBe("shop.example.com → shop/web:8080");
  });

  it("end as late as they took", () => {
    expect(endedAt(makeRequest({ at: "2026-11-21T14:00:00.000Z", durationMs: 1_500 }))).toBe(
      Date.parse("2026-11-21T14:00:01.500Z"),
    );
  });
});
