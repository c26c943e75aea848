import { describe, expect, it } from "vitest";
import { withLiveRequests, type LastRequests } from "./request-reducer.ts";
import { makeRequest } from "./testing/make-request.ts";

const OF = { tunnelId: "tn_00000001", itemsMax: 3 };
const request = (n: number, tunnelId = OF.tunnelId) =>
  makeRequest({ id: `cn_0000000${n}`, tunnelId });
const pageOf = (...ids: number[]): LastRequests => ({
  items: ids.map((n) => request(n)),
  nextCursor: null,
});
const idsOf = ({ items }: LastRequests): number[] => items.map(({ id }) => Number(id.slice(-1)));

describe("the last requests", () => {
  it("begin with the newest", () => {
    expect(idsOf(withLiveRequests(pageOf(1), [request(2), request(3)], OF))).toEqual([3, 2, 1]);
  });

  it("hold each once, however often it is told", () => {
    const once = withLiveRequests(pageOf(1), [request(2), request(2), request(1)], OF);
    expect(idsOf(once)).toEqual([2, 1]);
  });

  it("forget the oldest beyond their bound", () => {
    const news = [request(3), request(4), request(5), request(6)];
    expect(idsOf(withLiveRequests(pageOf(2, 1), news, OF))).toEqual([6, 5, 4]);
  });

  it("stay the same object when there is nothing new for this tunnel", () => {
    const page = pageOf(1);
    expect(withLiveRequests(page, [request(1), request(2, "tn_00000002")], OF)).toBe(page);
  });
});
