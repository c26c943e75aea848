import { readFile, rm, writeFile, mkdir, rename } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";

/** What a running demo tells other programs of this machine, in `<data dir>/demo/state.json`, mode 0600. */
export const DemoState = z.object({
  /** The process that `npm start` runs. */
  pid: z.number().int(),
  startedAt: z.iso.datetime(),
  /** The dashboard. */
  url: z.string(),
  /** For the API; a viewer's. */
  apiKey: z.string(),
  clusterId: z.string(),
  postgres: z.object({
    tunnelId: z.string(),
    host: z.string(),
    port: z.number().int(),
    user: z.string(),
    password: z.string(),
    database: z.string(),
  }),
});
export type DemoState = z.infer<typeof DemoState>;

function stateFile(dataDir: string): string {
  return join(dataDir, "demo", "state.json");
}

export async function writeDemoState(dataDir: string, state: DemoState): Promise<void> {
  const file = stateFile(dataDir);
  await mkdir(join(dataDir, "demo"), { recursive: true });
  await writeFile(`${file}.new`, `${JSON.stringify(state, null, 2)}\n`, { mode: 0o600 });
  await rename(`${file}.new`, file);
}

export async function removeDemoState(dataDir: string): Promise<void> {
  await rm(stateFile(dataDir), { force: true });
}

/** @returns null when no demo runs with this data directory. */
export async function findDemoState(dataDir: string): Promise<DemoState | null> {
  const text = await readFile(stateFile(dataDir), "utf8").catch(() => null);
  if (text === null) return null;
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return null;
  }
  const state = DemoState.safeParse(json);
  return state.success && isAlive(state.data.pid) ? state.data : null;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Somebody else's process is alive too.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
