import { describe, expect, it } from "vitest";
import { withLiveClosed, withLiveOpen } from "./connection-reducer.ts";
import { makeConnection } from "./testing/make-connection.ts";

const AT = Date.UTC(2026, 10, 21, 15, 0, 0);
const first = makeConnection({ id: "cn_00000001" });
const second = makeConnection({ id: "cn_00000002" });
const elsewhere = makeConnection({ id: "cn_00000003", tunnelId: "tn_00000009" });
const list = { items: [second, first], isTruncated: false };
const everywhere = { tunnelId: null };
const here = { tunnelId: first.tunnelId };
const NOTHING = { opened: [], closed: [], changed: [] };

describe("withLiveOpen", () => {
  it("adds on top, takes away, and counts bytes", () => {
    const next = withLiveOpen(
      list,
      {
        opened: [elsewhere],
        closed: [second],
        changed: [{ id: first.id, bytes: { in: 7, out: 8 } }],
      },
      everywhere,
      AT,
    );
    expect(next.items.map(({ id }) => id)).toEqual([elsewhere.id, first.id]);
    expect(next.items[1]).toMatchObject({
      bytes: { in: 7, out: 8 },
      lastActivityAt: new Date(AT).toISOString(),
    });
  });

  it("counts the messages of WebSockets, and leaves those of others alone", () => {
    const socket = makeConnection({ id: "cn_00000004", messages: { in: 1, out: 1 } });
    const bytes = { in: 9, out: 9 };
    const changed = [
      { id: socket.id, bytes, messages: { in: 2, out: 3 } },
      { id: first.id, bytes },
    ];
    const next = withLiveOpen(
      { ...list, items: [socket, first] },
      { ...NOTHING, changed },
      everywhere,
      AT,
    );
    expect(next.items.map(({ messages }) => messages)).toEqual([{ in: 2, out: 3 }, null]);
  });

  it("does not show what opened and closed within one batch, nor anything twice", () => {
    const event = { ...NOTHING, opened: [elsewhere, first], closed: [elsewhere] };
    expect(withLiveOpen(list, event, everywhere, AT)).toBe(list);
  });

  it("lets only its own tunnel's connections in", () => {
    expect(withLiveOpen(list, { ...NOTHING, opened: [elsewhere] }, here, AT)).toBe(list);
  });
});

describe("withLiveClosed", () => {
  const page = { items: [first], nextCursor: null };

  it("puts the newest on top, each once, up to the bound", () => {
    const event = { ...NOTHING, closed: [first, second, elsewhere] };
    const next = withLiveClosed(page, event, everywhere, 2);
    expect(next.items.map(({ id }) => id)).toEqual([elsewhere.id, second.id]);
    expect(withLiveClosed(page, { ...NOTHING, closed: [first] }, everywhere, 9)).toBe(page);
  });
});
