import { randomBytes } from "node:crypto";
import { link, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { kill, pid } from "node:process";
import { z } from "zod";

const LockContent = z.object({
  pid: z.number().int().positive(),
  /** When that process started, in the kernel's ticks: a number that is used again has another. Null where unknown. */
  startTicks: z.string().nullable(),
  /** A server, or an administrator's command that has the database open for a moment. */
  kind: z.enum(["server", "command"]),
  /** Where a server's private sockets are. */
  runDir: z.string(),
});
export type LockContent = z.infer<typeof LockContent>;

/** Attempts to get past a lock whose owner is dead; others may be trying as well. */
const ATTEMPTS_MAX = 100;
const RETRY_MS = 20;

export type LockAnswer =
  | { readonly taken: true; readonly release: () => Promise<void> }
  | { readonly taken: false; readonly owner: LockContent };

/**
 * Takes the lock of a data directory, or says who has it. A lock whose owner is dead is removed.
 *
 * @throws what the file system says when the folder cannot be written.
 */
export async function takeLock(
  file: string,
  own: { readonly kind: LockContent["kind"]; readonly runDir: string },
): Promise<LockAnswer> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const content: LockContent = {
    pid,
    startTicks: (await readStat(pid))?.startTicks ?? null,
    ...own,
  };
  const draft = `${file}.${randomBytes(6).toString("hex")}`;
  await writeFile(draft, JSON.stringify(content), { mode: 0o600 });
  try {
    for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
      if (await linkUnlessThere(draft, file)) {
        return { taken: true, release: () => removeOwn(file, content) };
      }
      const owner = await readLock(file);
      if (owner !== null && (await isAlive(owner))) return { taken: false, owner };
      if (!(await removeStale(file, draft)))
        await new Promise((wake) => setTimeout(wake, RETRY_MS));
    }
  } finally {
    await rm(draft, { force: true });
  }
  throw new Error(`${file} cannot be taken`);
}

/** The living owner of a data directory; null when there is none. */
export async function findLockOwner(file: string): Promise<LockContent | null> {
  const owner = await readLock(file);
  return owner !== null && (await isAlive(owner)) ? owner : null;
}

async function linkUnlessThere(draft: string, file: string): Promise<boolean> {
  try {
    await link(draft, file);
    return true;
  } catch (error) {
    if (isCode(error, "EEXIST")) return false;
    throw error;
  }
}

async function readLock(file: string): Promise<LockContent | null> {
  try {
    const parsed = LockContent.safeParse(JSON.parse(await readFile(file, "utf8")));
    return parsed.success ? parsed.data : null;
  } catch {
    // Gone or unreadable: nobody's lock.
    return null;
  }
}

/**
 * Removes a lock whose owner is dead. One at a time, under a guard: between reading a stale lock and removing it
 * somebody else could have put a living one there.
 */
async function removeStale(file: string, draft: string): Promise<boolean> {
  const guard = `${file}.guard`;
  if (!(await linkUnlessThere(draft, guard))) {
    const holder = await readLock(guard);
    if (holder !== null && !(await isAlive(holder))) await rm(guard, { force: true });
    return false;
  }
  try {
    const owner = await readLock(file);
    if (owner === null || !(await isAlive(owner))) await rm(file, { force: true });
    return true;
  } finally {
    await rm(guard, { force: true });
  }
}

async function removeOwn(file: string, own: LockContent): Promise<void> {
  const found = await readLock(file);
  if (found?.pid === own.pid && found.startTicks === own.startTicks)
    await rm(file, { force: true });
}

async function isAlive(owner: LockContent): Promise<boolean> {
  try {
    kill(owner.pid, 0);
  } catch (error) {
    if (!isCode(error, "EPERM")) return false;
  }
  const found = await readStat(owner.pid);
  if (found === null) return true;
  const isZombie = found.state === "Z" || found.state === "X";
  return !isZombie && (owner.startTicks === null || owner.startTicks === found.startTicks);
}

/** What the kernel knows of a process; null where it does not tell: the process id alone has to do. */
async function readStat(pid: number): Promise<{ state: string; startTicks: string } | null> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, "utf8");
    // The command name in parentheses may hold anything; fields 3 and 22 of the whole are the 1st and 20th after it.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return { state: fields[0] ?? "", startTicks: fields[19] ?? "" };
  } catch {
    // Not Linux, or gone since we looked.
    return null;
  }
}

function isCode(error: unknown, code: string): boolean {
  return typeof error === "object" && error !== null && "code" in error && error.code === code;
}
