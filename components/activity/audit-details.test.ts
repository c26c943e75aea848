import { describe, expect, it } from "vitest";
import type { AuditEventDto } from "#protocol/api/audit.ts";
import { fieldChanges, objectHref } from "./audit-details.ts";

describe("the fields an event changed", () => {
  it("says before and after in the reader's words", () => {
    const changes = fieldChanges({
      before: { idleTimeoutMs: 3_600_000, maxConnections: 100 },
      after: { idleTimeoutMs: 7_200_000, maxConnections: 100 },
    });
    expect(changes).toEqual([{ name: "idle timeout", before: "1 h", after: "2 h" }]);
  });

  it("tells what had no value from what was absent", () => {
    expect(fieldChanges({ before: { routingMode: null }, after: { routingMode: "dual" } })).toEqual(
      [{ name: "mode", before: "none", after: "dual" }],
    );
    expect(fieldChanges({ before: null, after: { role: "viewer" } })).toEqual([
      { name: "role", before: null, after: "viewer" },
    ]);
  });

  it("says so where nothing is", () => {
    expect(fieldChanges({ before: null, after: { agents: [], expiresAt: null } })).toEqual([
      { name: "agents", before: null, after: "none" },
      { name: "expires", before: null, after: "never" },
    ]);
  });

  it("leaves ids out, and joins lists", () => {
    expect(
      fieldChanges({ before: null, after: { clusterId: "cl_1", agents: ["a", "b"] } }),
    ).toEqual([{ name: "agents", before: null, after: "a, b" }]);
  });
});

describe("the page of an event's object", () => {
  const about = (object: AuditEventDto["object"], after: AuditEventDto["after"] = null) =>
    objectHref({ object, before: null, after });

  it("is the object's own where it has one", () => {
    expect(about({ kind: "cluster", id: "cl_1", name: "a" })).toBe("/clusters/cl_1");
    expect(about({ kind: "tunnel", id: "tn_1", name: "a" })).toBe("/tunnels/tn_1");
    expect(about({ kind: "fleet", id: null, name: "Fleet" })).toBe("/settings");
  });

  it("is that of what it belongs to otherwise", () => {
    expect(about({ kind: "token", id: "tk_1", name: "a" }, { clusterId: "cl_2" })).toBe(
      "/clusters/cl_2?tab=settings",
    );
    expect(about({ kind: "connection", id: "cn_1", name: "a" }, { tunnelId: "tn_2" })).toBe(
      "/tunnels/tn_2",
    );
  });

  it("is none for people, and for what is not named", () => {
    expect(about({ kind: "user", id: "u1", name: "a" })).toBeNull();
    expect(about({ kind: "token", id: "tk_1", name: "a" })).toBeNull();
    expect(about({ kind: "cluster", id: null, name: "a" })).toBeNull();
  });
});
