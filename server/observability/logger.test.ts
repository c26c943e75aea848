import { describe, expect, it } from "vitest";
import { REDACTED_FIELDS, createLogger } from "./logger.ts";

function setup(format?: "text" | "json") {
  const lines: string[] = [];
  const log = createLogger({
    level: "info",
    format,
    name: "test",
    destination: { write: (line) => void lines.push(line) },
  });
  return { log, lines };
}

describe("createLogger", () => {
  it.each(REDACTED_FIELDS)("keeps %s out of its lines, at the top and nested", (field) => {
    const { log, lines } = setup();
    log.info({ [field]: "hunter2", nested: { [field]: "hunter2", deep: { [field]: "hunter2" } } });
    expect(lines).toHaveLength(1);
    expect(lines.join("")).not.toContain("hunter2");
  });

  it("writes what is not secret", () => {
    const { log, lines } = setup();
    log.info({ clusterId: "cl_1" }, "agent link ready");
    expect(JSON.parse(lines[0] ?? "{}")).toMatchObject({
      name: "test",
      clusterId: "cl_1",
      msg: "agent link ready",
    });
  });

  it("writes one readable line for each event where text is wanted, without what is secret", () => {
    const { log, lines } = setup("text");
    log.info({ clusterId: "cl_1", detail: "a\nb", token: "hunter2" }, "agent link ready");
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(
      /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z INFO \(test\): agent link ready \{"clusterId":"cl_1","detail":"a\\nb","token":"\[redacted\]"\}\n$/,
    );
  });

  it("lets no control character of others reach a terminal, nor a line that looks like its own", () => {
    const { log, lines } = setup("text");
    const hostile = "\u001b[2J\u009b1m\r\n2026-11-28T14:03:35.120Z INFO (test): all is well";
    log.info({ detail: hostile }, hostile);
    log.error({ err: new Error(hostile) }, "failed");
    log.error(new Error(hostile));
    const text = lines.join("");

    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
    expect(text.match(/^\S.*/gm)).toHaveLength(3);
    expect(text.match(/^\d{4}-.*/gm)).toHaveLength(3);
    expect(lines[0]).toContain(String.raw`: \u001b[2J\u009b1m\u000d\n2026-`);
  });

  it("respects its level", () => {
    const { log, lines } = setup();
    log.debug("not this");
    expect(lines).toEqual([]);
  });
});
