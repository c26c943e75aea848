import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { agentCommand, nameProblem, parseHostPort, shellWord } from "./agent-command.ts";

describe("the command that connects a plain host", () => {
  it("fetches the agent and publishes the service", () => {
    const command = agentCommand({
      publicUrl: "https://culvert.example.com/",
      token: "cvt_abc",
      expose: { name: "postgres", host: "localhost", port: 5432 },
    });
    expect(command.replace(/ \\\n {2}/g, " ")).toBe(
      "curl -fsSO https://culvert.example.com/agent/culvert-agent.mjs && " +
        "CULVERT_URL=https://culvert.example.com CULVERT_TOKEN=cvt_abc " +
        "node culvert-agent.mjs --expose postgres=tcp://localhost:5432",
    );
  });

  it("is one command to a shell, whatever the address holds", () => {
    const command = agentCommand({
      publicUrl: "https://a.example/x;y",
      token: "t'$(id)",
      expose: { name: "a", host: "[::1]", port: 1 },
    });
    const script = `curl() { :; }; node() { echo "$CULVERT_URL|$CULVERT_TOKEN|$*"; }; ${command}`;
    expect(execFileSync("sh", ["-c", script], { encoding: "utf8" })).toBe(
      "https://a.example/x;y|t'$(id)|culvert-agent.mjs --expose a=tcp://[::1]:1\n",
    );
  });
});

describe("a word for a shell", () => {
  it("comes out of the shell as it went in", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "grapheme-ascii" }).filter((text) => text !== ""),
        (text) => {
          const echoed = execFileSync("sh", ["-c", `printf %s ${shellWord(text)}`], {
            encoding: "utf8",
          });
          return echoed === text;
        },
      ),
      { numRuns: 40 },
    );
  });
});

describe("an address to publish", () => {
  it.each([
    ["localhost:5432", { host: "localhost", port: 5432 }],
    [" 10.0.0.7:80 ", { host: "10.0.0.7", port: 80 }],
    ["db.internal:65535", { host: "db.internal", port: 65_535 }],
    ["[::1]:6379", { host: "[::1]", port: 6379 }],
  ])("is read from %s", (text, parsed) => {
    expect(parseHostPort(text)).toEqual(parsed);
  });

  it.each([
    "",
    "localhost",
    "localhost:",
    ":5432",
    "a:0",
    "a:65536",
    "a b:1",
    "::1:80",
    "a;b:1",
    "http://a:1",
  ])("is not found in %j", (text) => {
    expect(parseHostPort(text)).toBeNull();
  });
});

describe("a name to publish under", () => {
  it.each(["a", "postgres", "my-db-2", "a".repeat(63)])("may be %s", (name) => {
    expect(nameProblem(name)).toBeNull();
  });

  it.each(["", "-a", "a-", "A", "a b", "a=b", "ä", "a".repeat(64)])("may not be %j", (name) => {
    expect(nameProblem(name)).not.toBeNull();
  });
});
