import { describe, expect, it } from "vitest";
import { AuditEventDto } from "#protocol/api/audit.ts";
import { toCsv, toJson } from "./export-events.ts";
import { matchesText } from "./matches-text.ts";

const event = (objectName: string): AuditEventDto =>
  AuditEventDto.parse({
    id: "ev_0123456789abcdef",
    at: "2026-11-21T14:02:11.000Z",
    actor: { kind: "user", id: "u1", name: "ops@example.com" },
    action: "cluster.create",
    object: { kind: "cluster", id: "cl_0123456789abcdef", name: objectName },
    before: null,
    after: { name: objectName },
    address: "203.0.113.24",
  });

describe("the export of events", () => {
  it("writes one header and one line an event", () => {
    const lines = toCsv([event("a"), event("b")])
      .trimEnd()
      .split("\r\n");
    expect(lines).toHaveLength(3);
    expect(lines[0]).toMatch(/^at,action,sentence,/);
    expect(lines[1]).toContain("ops@example.com added a");
  });

  it("quotes what would break a line apart", () => {
    expect(toCsv([event('a,"b"')])).toContain('"a,""b"""');
  });

  it("defuses names that a spreadsheet would run", () => {
    expect(toCsv([event("=HYPERLINK(1)")])).toContain(",'=HYPERLINK(1),");
  });

  it("writes JSON that reads back as it was", () => {
    expect(JSON.parse(toJson([event("a")]))).toEqual([event("a")]);
  });
});

describe("the text filter", () => {
  it("finds every word, anywhere, in any case", () => {
    expect(matchesText(event("prod"), "PROD ops@")).toBe(true);
    expect(matchesText(event("prod"), "prod 203.0")).toBe(true);
    expect(matchesText(event("prod"), "prod staging")).toBe(false);
    expect(matchesText(event("prod"), "  ")).toBe(true);
  });
});
