import { expect, it } from "vitest";
import type { Log } from "../log.ts";
import { ProblemLog } from "./problem-log.ts";

it("says what is wrong once when it begins and once when it is over", () => {
  const said: string[] = [];
  const keep =
    (level: string): Log["info"] =>
    (_message, fields) =>
      said.push(`${level} ${String(fields?.["where"])}`);
  const log: Log = {
    debug: keep("debug"),
    info: keep("info"),
    warn: keep("warn"),
    error: keep("error"),
    child: () => log,
  };
  const problems = new ProblemLog(log);
  const a = { where: "a", reason: "It is broken." };
  const b = { where: "b", reason: "It is broken." };
  problems.update([a]);
  problems.update([a, b]);
  problems.update([a, b]);
  problems.update([b]);
  problems.update([]);
  expect(said).toEqual(["warn a", "warn b", "info a", "info b"]);
});
