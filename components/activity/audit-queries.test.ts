import { QueryClient } from "@tanstack/react-query";
import { afterEach, expect, it, vi } from "vitest";
import { AuditEventDto } from "#protocol/api/audit.ts";
import { auditQueries } from "./audit-queries.ts";
import { auditJournal } from "./audit-reducer.ts";

const event = (n: number): AuditEventDto =>
  AuditEventDto.parse({
    id: `ev_0000000${n}`,
    at: "2026-11-21T14:02:11.000Z",
    actor: { kind: "system", id: null, name: "Culvert" },
    action: "cluster.connected",
    object: { kind: "cluster", id: "cl_0123456789abcdef", name: "prod" },
    before: null,
    after: null,
    address: null,
  });

afterEach(() => vi.unstubAllGlobals());

it("keeps what was told live while the list was on its way, once and on top", async () => {
  auditJournal.note(event(1));
  vi.stubGlobal("fetch", async () => {
    auditJournal.note(event(2));
    auditJournal.note(event(3));
    return Response.json({ items: [event(2), event(1)], nextCursor: null });
  });
  const { pages } = await new QueryClient().fetchInfiniteQuery(auditQueries.list());
  expect(pages.map(({ items }) => items.map(({ id }) => id.at(-1)))).toEqual([["3", "2", "1"]]);
});
