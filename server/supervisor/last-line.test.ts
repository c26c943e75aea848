import { describe, expect, it } from "vitest";
import { LastLine } from "./last-line.ts";

const setup = () => {
  const written: string[] = [];
  return { lines: new LastLine((text) => written.push(text)), written };
};

describe("LastLine", () => {
  it("passes every line on but the newest", () => {
    const { lines, written } = setup();
    lines.push("one\ntwo\nthr");
    expect(written.join("")).toBe("one\n");
  });

  it("gives the last line away once, instead of passing it on", () => {
    const { lines, written } = setup();
    lines.push("noise\nPort 3000 is taken.\n");
    expect(lines.take()).toBe("Port 3000 is taken.");
    expect(lines.take()).toBeNull();
    expect(written.join("")).toBe("noise\n");
  });

  it("takes a last line that has no end", () => {
    const { lines } = setup();
    lines.push("Port 3000");
    lines.push(" is taken.");
    expect(lines.take()).toBe("Port 3000 is taken.");
  });

  it("passes the last line on when it is flushed", () => {
    const { lines, written } = setup();
    lines.push("one\n");
    lines.flush();
    expect(written.join("")).toBe("one\n");
  });

  it("passes on what has no end when the writer is gone, and nothing when there is nothing", () => {
    const { lines, written } = setup();
    lines.end();
    expect(written).toEqual([]);
    lines.push("one\ntw");
    lines.end();
    expect(written.join("")).toBe("one\ntw\n");
  });
});
