import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";

const USUAL_PLACE = "/usr/local/go/bin";
const DEADLINE_MS = 5 * 60_000;
const run = promisify(execFile);

/** The `go` of the PATH, else of its usual place; null where there is none. */
export function findGo(): string | null {
  const folders = [...(process.env["PATH"] ?? "").split(delimiter), USUAL_PLACE];
  return folders.map((folder) => join(folder, "go")).find((file) => existsSync(file)) ?? null;
}

/** What `go …` prints. */
export async function runGo(go: string, args: readonly string[], folder: string): Promise<string> {
  const { stdout } = await run(go, args, { cwd: folder, timeout: DEADLINE_MS });
  return stdout.trim();
}
