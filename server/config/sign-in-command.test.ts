import { describe, expect, it } from "vitest";
import packageJson from "../../package.json" with { type: "json" };
import { signInCommand } from "./sign-in-command.ts";

describe("the command that prints a sign-in link", () => {
  it.each(["start", "culvert", "dev"])("goes through npm where `npm run %s` started us", (name) => {
    expect(signInCommand({ npm_lifecycle_event: name })).toBe(
      "npm run --silent culvert -- admin sign-in-link",
    );
    expect(packageJson.scripts).toHaveProperty("culvert");
  });

  it("names the program itself anywhere else", () => {
    expect(signInCommand({ PATH: "/bin" })).toBe("node bin/culvert.ts admin sign-in-link");
  });
});
