import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import packageJson from "../../package.json" with { type: "json" };
import { signInCommands } from "./sign-in-command.ts";

const COMMAND = "npm run --silent culvert -- admin sign-in-link";

describe("the command that prints a sign-in link", () => {
  it.each([{}, { npm_lifecycle_event: "start" }, { CULVERT_DATA_DIR: "" }])(
    "goes through npm, whoever started the server: %j",
    (env) => {
      expect(signInCommands(env)).toEqual({ onPage: COMMAND, onTerminal: COMMAND });
      expect(packageJson.scripts).toHaveProperty("culvert");
    },
  );

  it.each([
    ["/srv/culvert", "/srv/culvert"],
    ["/srv/my data", "'/srv/my data'"],
    ["/srv/o'neil", String.raw`'/srv/o'\''neil'`],
  ])("names the folder %s on the terminal alone, for a shell", (dataDir, word) => {
    expect(signInCommands({ CULVERT_DATA_DIR: dataDir })).toEqual({
      onPage: COMMAND,
      onTerminal: `CULVERT_DATA_DIR=${word} ${COMMAND}`,
    });
  });

  it("is Node's own in our image, which has neither npm nor a shell", async () => {
    const dockerfile = await readFile(
      new URL("../../deploy/docker/server.Dockerfile", import.meta.url),
      "utf8",
    );
    expect(dockerfile).toMatch(/^ENV .*\bCULVERT_IN_IMAGE=true$/m);
    expect(dockerfile).toContain('"bin/culvert.ts"]');
    const command = "node bin/culvert.ts admin sign-in-link";
    expect(signInCommands({ CULVERT_IN_IMAGE: "true", CULVERT_DATA_DIR: "/data" })).toEqual({
      onPage: command,
      onTerminal: command,
    });
  });
});
