import type { Queries } from "#server/db/db.ts";
import type { HostNames, ReservedNames } from "./assign-host-names.ts";
import { loadHostNames } from "./name-claims.ts";

/**
 * Whose host names are, worked out once after each change: it takes every HTTP tunnel to judge one, and names change far
 * less often than they are asked for.
 *
 * Whoever commits what names follow from calls `changed`: tunnels that come, go or ask for others, names of clusters.
 */
export class HostNameBook {
  readonly #reserved: ReservedNames;
  #known: HostNames | null = null;
  #version = 0;

  constructor(reserved: ReservedNames) {
    this.#reserved = reserved;
  }

  async load(db: Queries): Promise<HostNames> {
    if (this.#known !== null) return this.#known;
    const version = this.#version;
    const names = await loadHostNames(db, this.#reserved);
    // What was committed while we read may be missing.
    if (version === this.#version) this.#known = names;
    return names;
  }

  /** Call it after commit. */
  changed(): void {
    this.#version += 1;
    this.#known = null;
  }
}
