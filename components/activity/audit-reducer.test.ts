import { describe, expect, it } from "vitest";
import { AuditEventDto } from "#protocol/api/audit.ts";
import { withAuditEvent, type AuditCache } from "./audit-reducer.ts";

const event = (id: string): AuditEventDto =>
  AuditEventDto.parse({
    id: `ev_00000000${id}`,
    at: "2026-11-21T14:02:11.000Z",
    actor: { kind: "system", id: null, name: "Culvert" },
    action: "cluster.connected",
    object: { kind: "cluster", id: "cl_0123456789abcdef", name: "prod" },
    before: null,
    after: null,
    address: null,
  });

const cache: AuditCache = {
  pages: [
    { items: [event("2")], nextCursor: "c" },
    { items: [event("1")], nextCursor: null },
  ],
  pageParams: [null, "c"],
};

describe("a new audit event in a cached list", () => {
  it("goes on top of the first page", () => {
    const next = withAuditEvent(cache, event("3"), {});
    expect(next.pages.map((page) => page.items.map(({ id }) => id.at(-1)))).toEqual([
      ["3", "2"],
      ["1"],
    ]);
  });

  it("is put in once", () => {
    expect(withAuditEvent(cache, event("2"), {})).toBe(cache);
  });

  it.each([
    { objectKind: "tunnel" },
    { objectId: "cl_other000" },
    { action: "cluster.offline" },
  ] as const)("stays out where the filter refuses it: %j", (filter) => {
    expect(withAuditEvent(cache, event("3"), filter)).toBe(cache);
  });

  it("comes in where the filter names it", () => {
    const filter = { objectKind: "cluster", objectId: "cl_0123456789abcdef" } as const;
    expect(withAuditEvent(cache, event("3"), filter).pages[0]?.items).toHaveLength(2);
  });
});
