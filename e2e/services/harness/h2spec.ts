import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runTool } from "./external.ts";

/** h2spec waits so long for what should come, seconds; every deviation costs that. */
const TIMEOUT_SECONDS = "3";
/** Its report is not well-formed where a case failed on bytes that XML does not know. */
const CASE = /<testcase package="([^"]*)" classname="([^"]*)"[^>]*>(.*?)<\/testcase>/gs;

/** Cases by section and title, sorted. */
export interface H2specResult {
  readonly passed: readonly string[];
  readonly failed: readonly string[];
  readonly skipped: readonly string[];
}

/** Runs every case, the strict ones too, against a server on a port of loopback. @param program h2spec's path. */
export async function runH2spec(program: string, port: number): Promise<H2specResult> {
  const folder = await mkdtemp(join(tmpdir(), "culvert-h2spec-"));
  try {
    const report = join(folder, "report.xml");
    const target = ["--host", "localhost", "--port", String(port)];
    const how = ["--strict", "--timeout", TIMEOUT_SECONDS, "--junit-report", report];
    // It ends with 1 where a case failed.
    const { err } = await runTool(program, [...target, ...how]);
    if (err !== "") throw new Error(err);
    return readReport(await readFile(report, "latin1"));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function readReport(xml: string): H2specResult {
  const lists = { passed: [] as string[], failed: [] as string[], skipped: [] as string[] };
  for (const [, section, title, inside = ""] of xml.matchAll(CASE)) {
    const isFailed = /<(failure|error)/.test(inside);
    const list = isFailed ? "failed" : inside.includes("<skipped") ? "skipped" : "passed";
    lists[list].push(`${section} ${title}`);
  }
  for (const list of Object.values(lists)) list.sort();
  return lists;
}
