import { access, constants, mkdir } from "node:fs/promises";
import { takeLock } from "./lock.ts";
import { createRunDir, type RunDir } from "./run-dir.ts";
import { StartError } from "./start-error.ts";

/** An administrator's command holds the lock for a moment only. */
const COMMAND_WAIT_MS = 10_000;
const COMMAND_POLL_MS = 100;

/** A data directory that is ours alone until it is released. */
export interface OwnDataDir {
  readonly runDir: string;
  release(): Promise<void>;
}

/**
 * Makes a data directory with its folder of sockets, and takes its lock.
 *
 * @throws StartError when it cannot be written, or another Culvert uses it.
 */
export async function takeDataDir(dataDir: string, lockFile: string): Promise<OwnDataDir> {
  try {
    await mkdir(dataDir, { recursive: true, mode: 0o700 });
    await access(dataDir, constants.W_OK);
    const runDir = await createRunDir(dataDir);
    const release = await lockOrCleanUp(dataDir, lockFile, runDir);
    return {
      runDir: runDir.path,
      release: async () => {
        await runDir.remove();
        await release();
      },
    };
  } catch (cause) {
    if (cause instanceof StartError) throw cause;
    throw new StartError(
      `The data directory ${dataDir} cannot be written: make it this user's, or set CULVERT_DATA_DIR.`,
      { cause },
    );
  }
}

async function lockOrCleanUp(
  dataDir: string,
  lockFile: string,
  runDir: RunDir,
): Promise<() => Promise<void>> {
  try {
    return await lock(dataDir, lockFile, runDir.path);
  } catch (error) {
    // Sockets inside of the data directory are those of the server that has the lock.
    if (runDir.isOurs) await runDir.remove();
    throw error;
  }
}

async function lock(
  dataDir: string,
  lockFile: string,
  runDir: string,
): Promise<() => Promise<void>> {
  const deadline = performance.now() + COMMAND_WAIT_MS;
  for (;;) {
    const answer = await takeLock(lockFile, { kind: "server", runDir });
    if (answer.taken) return answer.release;
    if (answer.owner.kind === "server" || performance.now() > deadline) {
      throw new StartError(
        `Another Culvert (process ${answer.owner.pid}) already uses ${dataDir}.`,
      );
    }
    await new Promise((wake) => setTimeout(wake, COMMAND_POLL_MS));
  }
}
