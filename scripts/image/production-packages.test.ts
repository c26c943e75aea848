import { describe, expect, it } from "vitest";
import { findProductionPackages, parseLock } from "./production-packages.ts";

const LOCK = parseLock(
  JSON.stringify({
    packages: {
      "": { dependencies: { web: "1", demo: "1" }, devDependencies: { test: "1" } },
      "node_modules/web": {
        dependencies: { tree: "2" },
        optionalDependencies: { "@addon/linux": "1", "@addon/absent": "1" },
        peerDependencies: { view: "1", maybe: "1" },
        peerDependenciesMeta: { maybe: { optional: true } },
      },
      "node_modules/web/node_modules/tree": { dependencies: { leaf: "1" } },
      "node_modules/tree": { dependencies: { web: "1" } },
      "node_modules/leaf": { dependencies: { web: "1" } },
      "node_modules/view": {},
      "node_modules/maybe": {},
      "node_modules/demo": { dependencies: { tree: "1", "only-demo": "1" } },
      "node_modules/only-demo": {},
      "node_modules/@addon/linux": {},
      "node_modules/test": {},
    },
  }),
);

describe("the packages that a program needs", () => {
  it("are its dependencies with theirs, from where Node would take them", () => {
    expect(findProductionPackages(LOCK, () => false)).toEqual([
      "node_modules/@addon/linux",
      "node_modules/demo",
      "node_modules/leaf",
      "node_modules/only-demo",
      "node_modules/tree",
      "node_modules/view",
      "node_modules/web",
      "node_modules/web/node_modules/tree",
    ]);
  });

  it("lack what is not needed, and what nothing else asks for", () => {
    const paths = findProductionPackages(LOCK, (name) => name === "demo");
    expect(paths).not.toContain("node_modules/only-demo");
    expect(paths).not.toContain("node_modules/tree");
    expect(paths).toContain("node_modules/web/node_modules/tree");
  });
});
