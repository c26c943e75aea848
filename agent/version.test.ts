import { expect, it } from "vitest";
import packageJson from "../package.json" with { type: "json" };
import { AGENT_VERSION } from "./version.ts";

it("is the version of the package", () => {
  expect(AGENT_VERSION).toBe(packageJson.version);
});
