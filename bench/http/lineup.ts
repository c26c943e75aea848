import type { HttpPath, NamedHttpPath } from "./paths.ts";

export interface LineupOptions {
  readonly servicePort: number;
  readonly onStep: (what: string) => void;
  /** A path is left out from here on. */
  readonly onFailure: (path: string, error: unknown) => void;
}

/**
 * Paths that run side by side and are measured in turn.
 *
 * Other work on the machine then disturbs all of them alike, which ratios survive. A path that fails is told of and left
 * out; the others are measured all the same.
 */
export class Lineup {
  readonly #options: LineupOptions;
  #paths: readonly NamedHttpPath[];

  private constructor(options: LineupOptions, paths: readonly NamedHttpPath[]) {
    this.#options = options;
    this.#paths = paths;
  }

  static async start(httpPaths: readonly HttpPath[], options: LineupOptions): Promise<Lineup> {
    const paths: NamedHttpPath[] = [];
    for (const httpPath of httpPaths) {
      const { name } = httpPath;
      try {
        const path = await httpPath.start(options.servicePort);
        if (path === null) options.onStep(`${name} is not installed`);
        else paths.push({ name, ...path });
      } catch (error) {
        options.onFailure(name, error);
      }
    }
    return new Lineup(options, paths);
  }

  /** Of the paths that have not failed. */
  get names(): readonly string[] {
    return this.#paths.map(({ name }) => name);
  }

  /** One measurement on every path. @returns what came out, by the path's name. */
  async each<T>(
    what: string,
    measure: (path: NamedHttpPath) => Promise<T>,
  ): Promise<ReadonlyMap<string, T>> {
    const measured = new Map<string, T>();
    for (const path of this.#paths) {
      this.#options.onStep(`${path.name}: ${what}`);
      try {
        measured.set(path.name, await measure(path));
      } catch (error) {
        this.#options.onFailure(path.name, error);
        this.#paths = this.#paths.filter((other) => other !== path);
        await path.stop();
      }
    }
    return measured;
  }

  /** The same several times over. @returns the median of each figure, by the path's name. */
  async medians<T>(
    what: string,
    rounds: number,
    measure: (path: NamedHttpPath) => Promise<T>,
  ): Promise<ReadonlyMap<string, T>> {
    const all = new Map<string, T[]>();
    for (let round = 1; round <= rounds; round += 1) {
      const measured = await this.each(`${what}, ${round} of ${rounds}`, measure);
      for (const [name, one] of measured) all.set(name, [...(all.get(name) ?? []), one]);
    }
    return new Map(this.names.map((name) => [name, medianOf(all.get(name) ?? [])]));
  }

  async stop(): Promise<void> {
    for (const path of [...this.#paths].reverse()) await path.stop();
    this.#paths = [];
  }
}

/** Each number's own median, however deep it lies; anything else as it is in the first. @param all at least one. */
export function medianOf<T>(all: readonly T[]): T {
  const [first] = all;
  if (first === undefined) throw new RangeError("there is no median of nothing");
  if (typeof first === "number") {
    const sorted = [...(all as readonly number[])].sort((a, b) => a - b);
    return sorted[sorted.length >> 1] as T;
  }
  if (typeof first !== "object" || first === null) return first;
  const keys = Object.keys(first) as (keyof T)[];
  return Object.fromEntries(keys.map((key) => [key, medianOf(all.map((one) => one[key]))])) as T;
}
