import { describe, expect, it } from "vitest";
import { Role } from "#protocol/api/common.ts";
import { SYSTEM_ACTOR, hasRole, requireRole } from "./actor.ts";

describe("roles", () => {
  it.each([
    ["viewer", ["viewer"]],
    ["operator", ["viewer", "operator"]],
    ["admin", ["viewer", "operator", "admin"]],
  ] as const)("a person who is %s may do what %s may", (role, allowed) => {
    const actor = { ...SYSTEM_ACTOR, role };
    expect(Role.options.filter((wanted) => hasRole(actor, wanted)).sort()).toEqual(
      [...allowed].sort(),
    );
  });

  it("refuses with forbidden", () => {
    const refused = () => {
      requireRole({ ...SYSTEM_ACTOR, role: "viewer" }, "operator");
    };
    expect(refused).toThrow(expect.objectContaining({ code: "forbidden" }));
  });
});
