import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import type { DiscoveryProblem } from "../discovery.ts";
import { describeObject, type DiscoveredObject } from "../rules/objects.ts";
import {
  parseManifest,
  type ManifestObject,
  type ManifestProblem,
  type ParsedManifest,
} from "./parse-manifest.ts";

const FILES_MAX = 2_000;
const FILE_BYTES_MAX = 8 * 1024 * 1024;

/** What is known of one file since the last look. */
interface FileState {
  /** Size, times and inode: unchanged means that nobody has written it. */
  readonly signature: string;
  /** From the last time it could be read. */
  readonly objects: readonly ManifestObject[];
  readonly problems: readonly ManifestProblem[];
  /** Set while a file that held objects has become empty, which may be an editor between two steps. */
  readonly isEmptied: boolean;
}

export interface FolderScan {
  readonly objects: readonly DiscoveredObject[];
  readonly problems: readonly DiscoveryProblem[];
  /** True when a file has just become empty: look again before believing it. */
  readonly isUnsettled: boolean;
}

/** A folder of manifests: looks at it, reads what changed, and remembers the last good state of each file. */
export class ManifestFolder {
  readonly #folder: string;
  #files = new Map<string, FileState>();
  #last: FolderScan | null = null;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** @returns null when nothing has changed since the last scan. */
  async scan(): Promise<FolderScan | null> {
    let names: string[];
    try {
      names = await listManifests(this.#folder);
    } catch (error) {
      return this.#keepLast(describeFolderError(this.#folder, error));
    }
    const files = new Map<string, FileState>();
    let hasChanged = names.length !== this.#files.size || this.#last === null;
    for (const name of names.slice(0, FILES_MAX)) {
      const before = this.#files.get(name);
      const after = await readOne(join(this.#folder, name), before);
      if (after === null) continue;
      files.set(name, after);
      hasChanged ||= after !== before;
    }
    hasChanged ||= files.size !== this.#files.size;
    if (!hasChanged && this.#last?.problems[0]?.where !== this.#folder) return null;
    this.#files = files;
    this.#last = this.#collect(names.length);
    return this.#last;
  }

  /** A folder that cannot be read keeps everything as it was: an unmounted disk must not cut every connection. */
  #keepLast(reason: string): FolderScan | null {
    const [first] = this.#last?.problems ?? [];
    if (first?.where === this.#folder && first.reason === reason) return null;
    const objects = this.#last?.objects ?? [];
    this.#last = { objects, problems: [{ where: this.#folder, reason }], isUnsettled: false };
    return this.#last;
  }

  #collect(fileCount: number): FolderScan {
    const objects = new Map<string, { object: DiscoveredObject; where: string }>();
    const problems: DiscoveryProblem[] = [];
    let isUnsettled = false;
    if (fileCount > FILES_MAX) {
      const reason = `Only the first ${FILES_MAX} of ${fileCount} files are read.`;
      problems.push({ where: this.#folder, reason });
    }
    for (const [name, state] of this.#files) {
      isUnsettled ||= state.isEmptied;
      for (const problem of state.problems) problems.push(toProblem(name, problem));
      for (const { object, line } of state.objects) {
        const key = describeObject(object);
        const first = objects.get(key);
        if (first === undefined) objects.set(key, { object, where: `${name}:${line}` });
        else {
          const reason = `${key} is in ${first.where} already; this one is left out.`;
          problems.push({ where: `${name}:${line}`, reason });
        }
      }
    }
    return { objects: [...objects.values()].map(({ object }) => object), problems, isUnsettled };
  }
}

async function listManifests(folder: string): Promise<string[]> {
  const names = await readdir(folder);
  return names.filter((name) => !name.startsWith(".") && /\.(ya?ml|json)$/i.test(name)).sort();
}

/** @returns the same object when the file is unchanged; null when it is gone or no file. */
async function readOne(path: string, before: FileState | undefined): Promise<FileState | null> {
  let signature = "";
  try {
    // Follows links: a mounted ConfigMap consists of them.
    const info = await stat(path);
    if (!info.isFile()) return null;
    signature = `${info.size}/${info.mtimeMs}/${info.ctimeMs}/${info.ino}`;
    if (before?.signature === signature && !before.isEmptied) return before;
    return await readChanged(path, { size: info.size, signature }, before);
  } catch (error) {
    const code = errorCode(error);
    if (code === "ENOENT") return null;
    if (before?.signature === signature && before.problems.length > 0) return before;
    return failed(signature, before, `It cannot be read (${code}).`);
  }
}

async function readChanged(
  path: string,
  { size, signature }: { readonly size: number; readonly signature: string },
  before: FileState | undefined,
): Promise<FileState> {
  if (size > FILE_BYTES_MAX) {
    return failed(signature, before, `It is larger than ${FILE_BYTES_MAX / 1024 / 1024} MiB.`);
  }
  if (size === 0 && before !== undefined && before.objects.length > 0 && !before.isEmptied) {
    return { ...before, signature, isEmptied: true };
  }
  return toState(signature, parseManifest(await readFile(path, "utf8")), before);
}

function failed(signature: string, before: FileState | undefined, reason: string): FileState {
  return toState(signature, { ok: false, problems: [{ line: null, reason }] }, before);
}

function toState(
  signature: string,
  parsed: ParsedManifest,
  before: FileState | undefined,
): FileState {
  if (parsed.ok) {
    return { signature, objects: parsed.objects, problems: parsed.notes, isEmptied: false };
  }
  const objects = before?.objects ?? [];
  return { signature, objects, problems: keepNote(parsed.problems, objects), isEmptied: false };
}

function keepNote(
  problems: readonly ManifestProblem[],
  kept: readonly ManifestObject[],
): readonly ManifestProblem[] {
  if (kept.length === 0) return problems;
  return problems.map(({ line, reason }) => ({
    line,
    reason: `${reason} (What the file said before stays in force.)`,
  }));
}

function toProblem(name: string, { line, reason }: ManifestProblem): DiscoveryProblem {
  return { where: line === null ? name : `${name}:${line}`, reason };
}

function describeFolderError(folder: string, error: unknown): string {
  const code = errorCode(error);
  if (code === "ENOENT") return `The folder ${folder} does not exist.`;
  if (code === "ENOTDIR") return `${folder} is not a folder.`;
  if (code === "EACCES") return `The folder ${folder} may not be read.`;
  return `The folder ${folder} cannot be read (${code}).`;
}

function errorCode(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "unknown";
}
