import { describe, expect, it } from "vitest";
import { makeTunnel } from "./testing/make-tunnel.ts";
import { checkPolicy, toForm } from "./policy-form.ts";

describe("the policy form", () => {
  it("comes back as it went in", () => {
    const { policy } = makeTunnel();
    expect(checkPolicy(toForm(policy))).toEqual({ ok: true, patch: policy });
  });

  it.each([
    ["connectSeconds", "0"],
    ["connectSeconds", ""],
    ["idleMinutes", "ten"],
    ["maxConnections", "1.5"],
    ["maxConnections", "10001"],
  ] as const)("refuses %s = “%s” at its own field", (field, value) => {
    const check = checkPolicy({ ...toForm(makeTunnel().policy), [field]: value });
    expect(check.ok).toBe(false);
    expect(check.ok ? [] : Object.keys(check.errors)).toEqual([field]);
  });
});
