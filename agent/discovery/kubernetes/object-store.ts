import type { ClusterObject, ParsedObject } from "./parse-object.ts";

/** Objects that cannot be read and are named; more are only counted. */
const PROBLEMS_MAX = 20;

interface Entry {
  /** Null for an object that could never be read. */
  readonly object: ClusterObject | null;
  /** Why its present state cannot be read. */
  readonly reason: string | null;
}

/** A list under way: nothing is seen of it until it is complete. */
export interface ListInProgress {
  add(parsed: ParsedObject): void;
  /** Puts the list in place of what was there. @returns whether anything is different. */
  commit(): boolean;
}

/** The objects of one collection. One that cannot be read any more keeps its last good state. */
export class ObjectStore {
  #entries = new Map<string, Entry>();

  get size(): number {
    return this.#entries.size;
  }

  *values(): Generator<ClusterObject, void> {
    for (const { object } of this.#entries.values()) if (object !== null) yield object;
  }

  /** What cannot be read, as `namespace/name` and a plain sentence. */
  problems(): readonly { readonly key: string; readonly reason: string }[] {
    const found: { key: string; reason: string }[] = [];
    for (const [key, { reason }] of this.#entries) {
      if (reason !== null && found.length < PROBLEMS_MAX) found.push({ key, reason });
    }
    return found;
  }

  beginList(): ListInProgress {
    const fresh = new Map<string, Entry>();
    return {
      add: (parsed) => void fresh.set(parsed.key, toEntry(parsed, this.#entries.get(parsed.key))),
      commit: () => {
        const before = this.#entries;
        this.#entries = fresh;
        if (before.size !== fresh.size) return true;
        for (const [key, entry] of fresh) if (before.get(key) !== entry) return true;
        return false;
      },
    };
  }

  /** @returns whether anything is different. */
  put(parsed: ParsedObject): boolean {
    const before = this.#entries.get(parsed.key);
    const after = toEntry(parsed, before);
    this.#entries.set(parsed.key, after);
    return after !== before;
  }

  /** @returns whether it was there. */
  remove(key: string): boolean {
    return this.#entries.delete(key);
  }
}

/** @returns the entry that was there when nothing has changed in what is read. */
function toEntry({ object, reason }: ParsedObject, before: Entry | undefined): Entry {
  if (object === null) {
    return before?.reason === reason ? before : { object: before?.object ?? null, reason };
  }
  if (before === undefined || before.reason !== null) return { object, reason: null };
  return JSON.stringify(before.object) === JSON.stringify(object)
    ? before
    : { object, reason: null };
}
