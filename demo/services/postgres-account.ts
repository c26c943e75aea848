import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Who a program runs as; null = as we do. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
}

/** Accounts that systems have anyway, the better one first. None is ever created. */
const CANDIDATES = ["postgres", "nobody"] as const;

/**
 * PostgreSQL refuses to run as root: finds an account of this machine that can run it instead.
 *
 * @returns null when we are not root and run it ourselves.
 * @throws when there is none.
 */
export async function findPostgresAccount(): Promise<Account | null> {
  if (process.getuid?.() !== 0) return null;
  for (const name of CANDIDATES) {
    try {
      const [uid, gid] = await Promise.all([askId("-u", name), askId("-g", name)]);
      if (uid > 0) return { uid, gid };
    } catch {
      // No such account here: try the next.
    }
  }
  throw new Error(
    "PostgreSQL cannot run as root, and this machine has no account postgres or nobody.",
  );
}

async function askId(what: "-u" | "-g", name: string): Promise<number> {
  const { stdout } = await run("id", [what, name]);
  return Number.parseInt(stdout, 10);
}
