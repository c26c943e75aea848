import { expect, it } from "vitest";
import { safeReturnPath } from "./auth-client.ts";

it.each(["/", "/tunnels", "/clusters/cl_1?tab=agents"])("returns to %s", (path) => {
  expect(safeReturnPath(path)).toBe(path);
});

it.each([
  "//evil.example",
  "/\\evil.example",
  "https://evil.example",
  "javascript:alert(1)",
  "",
  null,
])("does not return to %j", (path) => {
  expect(safeReturnPath(path)).toBe("/");
});
