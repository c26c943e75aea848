import { expect, it } from "vitest";
import { resolveDotSegments } from "./resolve-dot-segments.ts";

it.each([
  ["/", "/"],
  ["/a/b.c/..d/.e/...", "/a/b.c/..d/.e/..."],
  ["/public/../admin", "/admin"],
  ["/public/%2e%2E/admin", "/admin"],
  ["/a/./b/.%2e/c/", "/a/c/"],
  ["/a/b/..", "/a/"],
  ["/a/.", "/a/"],
  ["/../../a", "/a"],
  ["/..", "/"],
  ["//a/..//b", "///b"],
  ["*", "*"],
])("%s is %s", (path, resolved) => {
  expect(resolveDotSegments(path)).toBe(resolved);
});
