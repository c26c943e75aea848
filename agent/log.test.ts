import { describe, expect, it } from "vitest";
import { createLog, type LogOptions } from "./log.ts";

function setup(options: Partial<LogOptions> = {}) {
  const lines: string[] = [];
  const log = createLog({
    level: "info",
    format: "json",
    write: (line) => lines.push(line),
    now: () => new Date(0),
    ...options,
  });
  return { log, lines };
}

describe("createLog", () => {
  it("writes one JSON object a line, with the fields of its parents", () => {
    const { log, lines } = setup();
    log.child({ relay: "rl_1" }).warn("Gone", { code: 1001, none: undefined });
    expect(lines).toEqual([
      '{"time":"1970-01-01T00:00:00.000Z","level":"warn","message":"Gone","relay":"rl_1","code":1001}\n',
    ]);
  });

  it("writes one line of text, whatever the other side says", () => {
    const { log, lines } = setup({ format: "text" });
    log.info("Hello", { said: "two\nlines", at: "a.b:1" });
    expect(lines).toEqual(['1970-01-01T00:00:00.000Z INFO  Hello said="two\\nlines" at=a.b:1\n']);
  });

  it.each([
    ["debug", 4],
    ["info", 3],
    ["warn", 2],
    ["error", 1],
    ["silent", 0],
  ] as const)("at level %s lets %i of four through", (level, count) => {
    const { log, lines } = setup({ level });
    for (const name of ["debug", "info", "warn", "error"] as const) log[name]("x");
    expect(lines).toHaveLength(count);
  });

  it.each(["token", "agentToken", "Authorization", "cookie", "password", "secret", "KUBECONFIG"])(
    "never writes the value of %s",
    (name) => {
      const { log, lines } = setup();
      log.info("x", { [name]: "hush" });
      expect(lines.join()).not.toContain("hush");
    },
  );
});
