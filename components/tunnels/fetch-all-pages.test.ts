import { describe, expect, it } from "vitest";
import { fetchAllPages } from "./fetch-all-pages.ts";

const pages = (count: number) => (cursor: string | null) => {
  const page = Number(cursor ?? 0);
  return Promise.resolve({
    items: [page * 2, page * 2 + 1],
    nextCursor: page + 1 < count ? String(page + 1) : null,
  });
};

describe("fetchAllPages", () => {
  it("follows the cursor to the end", async () => {
    expect(await fetchAllPages(100, pages(3))).toEqual({
      items: [0, 1, 2, 3, 4, 5],
      isTruncated: false,
    });
  });

  it("stops at the bound and says so", async () => {
    expect(await fetchAllPages(3, pages(9))).toEqual({ items: [0, 1, 2], isTruncated: true });
  });

  it("calls a list that ends at the bound whole", async () => {
    expect((await fetchAllPages(4, pages(2))).isTruncated).toBe(false);
  });
});
