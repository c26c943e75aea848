import { describe, expect, it } from "vitest";
import { makeTunnel } from "./testing/make-tunnel.ts";
import { checkPolicy, toForm } from "./policy-form.ts";

const form = () => toForm(makeTunnel().policy);

describe("the policy form", () => {
  it("comes back as it went in", () => {
    const policy = {
      ...makeTunnel().policy,
      allowedOrigins: ["https://app.example.com", "*.example.org"],
    };
    expect(checkPolicy(toForm(policy))).toEqual({ ok: true, patch: policy });
  });

  it.each([
    ["connectSeconds", "0"],
    ["connectSeconds", ""],
    ["idleMinutes", "ten"],
    ["maxConnections", "1.5"],
    ["maxConnections", "10001"],
    ["allowedOrigins", "app.example.com"],
    ["allowedOrigins", "*"],
    [
      "allowedOrigins",
      Array.from({ length: 33 }, (_, n) => `https://a${n}.example.com`).join("\n"),
    ],
  ] as const)("refuses %s = “%s” at its own field", (field, value) => {
    const check = checkPolicy({ ...form(), [field]: value });
    expect(check.ok).toBe(false);
    expect(check.ok ? [] : Object.keys(check.errors)).toEqual([field]);
  });

  it("takes origins as people paste them: any case, with a slash, twice", () => {
    const allowedOrigins = "https://App.example.com/\n\n  https://app.example.com, *.example.org";
    const check = checkPolicy({ ...form(), allowedOrigins });
    expect(check.ok && check.patch.allowedOrigins).toEqual([
      "https://app.example.com",
      "*.example.org",
    ]);
  });

  it("names the first origin that is none", () => {
    const check = checkPolicy({ ...form(), allowedOrigins: "https://a.example.com\nftp://b\nc" });
    expect(check.ok ? "" : check.errors.allowedOrigins).toMatch(/^ftp:\/\/b must look like /);
  });
});
