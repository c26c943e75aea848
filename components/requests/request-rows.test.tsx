import { cleanup, render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { HttpRequestDto } from "#protocol/api/requests.ts";
import { RequestRows } from "./request-rows.tsx";
import { makeRequest } from "./testing/make-request.ts";

beforeEach(() => {
  stubWidth("wide");
  // Nothing is laid out here: the table believes that it has room for its rows.
  vi.spyOn(HTMLElement.prototype, "clientHeight", "get").mockReturnValue(800);
});
afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

function stubWidth(width: "wide" | "narrow"): void {
  vi.stubGlobal("matchMedia", () => ({
    matches: width === "narrow",
    addEventListener: () => undefined,
    removeEventListener: () => undefined,
  }));
}

function show(rows: readonly HttpRequestDto[]) {
  const element = (shown: readonly HttpRequestDto[]) => (
    <RequestRows rows={shown} choice="all" placeOf={() => null} />
  );
  const { rerender } = render(element(rows));
  return {
    update: (next: readonly HttpRequestDto[]) => rerender(element(next)),
    paths: () =>
      screen
        .getAllByRole("row")
        .slice(1)
        .map((row) => within(row).getAllByRole("cell")[1]?.textContent),
  };
}

describe("the table of last requests", () => {
  it("says of each what was asked, how it was answered, how fast, and for whom", () => {
    show([
      makeRequest({
        status: 404,
        firstByteMs: 12,
        durationMs: 1_500,
        bytes: { in: 0, out: 2_048 },
      }),
    ]);
    const table = screen.getByRole("table", { name: "Last requests" });
    const headers = within(table)
      .getAllByRole("columnheader")
      .map(({ textContent }) => textContent);
    const cells = within(table)
      .getAllByRole("cell")
      .map(({ textContent }) => textContent);
    expect(headers).toEqual([
      "Time",
      "Request",
      "Status",
      "First byte",
      "Duration",
      "In",
      "Out",
      "Client",
    ]);
    expect(cells.slice(1)).toEqual([
      "GET/orders",
      "404 Not Found",
      "12 ms",
      "1.50 s",
      "0 B",
      "2.00 KiB",
      "203.0.113.24",
    ]);
  });

  it("marks answers of Culvert itself by their reason", () => {
    show([
      makeRequest({ status: 503, error: "no_backend", firstByteMs: 1 }),
      makeRequest({
        id: "cn_00000002",
        status: 502,
        error: "backend_refused",
        detail: "web is down",
      }),
    ]);
    expect(screen.getByText("No backend is ready")).toBeDefined();
    expect(screen.getByText("web is down")).toBeDefined();
    expect(screen.getAllByRole("img", { name: "Answered by Culvert:" })).toHaveLength(2);
  });

  it("has no time to a first byte for a client that left before", () => {
    show([makeRequest({ status: null, firstByteMs: null })]);
    expect(screen.getByText("Client left")).toBeDefined();
    expect(screen.getAllByRole("cell")[3]?.textContent).toBe("–");
  });

  it("holds still under the pointer, says how many wait, and shows them when asked", async () => {
    const first = makeRequest({ id: "cn_00000001", path: "/first" });
    const second = makeRequest({ id: "cn_00000002", path: "/second" });
    const { update, paths } = show([first]);
    await userEvent.hover(screen.getByText("/first"));
    update([second, first]);
    expect(paths()).toEqual(["GET/first"]);
    await userEvent.click(screen.getByRole("button", { name: "1 new" }));
    expect(paths()).toEqual(["GET/second", "GET/first"]);
  });

  it("becomes a list of cards with the same facts on a narrow page", () => {
    stubWidth("narrow");
    show([makeRequest({ upgrade: "websocket", status: 101, path: "/chat" })]);
    expect(screen.queryByRole("table")).toBeNull();
    const card = within(screen.getByRole("list", { name: "Last requests" })).getByRole("listitem");
    const facts = [
      "WebSocket/chat",
      "101 Upgraded",
      "12 ms to first byte",
      "15 ms in all",
      "2.00 KiB out",
    ];
    for (const fact of facts) expect(card.textContent).toContain(fact);
  });
});
