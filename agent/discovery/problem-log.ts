import type { Log } from "../log.ts";
import type { DiscoveryProblem } from "./discovery.ts";

/** Logs what is wrong once when it begins and once when it is over, however often the inventory changes meanwhile. */
export class ProblemLog {
  readonly #log: Log;
  #known: ReadonlyMap<string, DiscoveryProblem> = new Map();

  constructor(log: Log) {
    this.#log = log;
  }

  update(problems: readonly DiscoveryProblem[]): void {
    const now = new Map(problems.map((item) => [`${item.where}\n${item.reason}`, item]));
    for (const [key, { where, reason }] of now) {
      if (!this.#known.has(key)) this.#log.warn(reason, { where });
    }
    for (const [key, { where, reason }] of this.#known) {
      if (!now.has(key)) this.#log.info("A problem of discovery is over", { where, reason });
    }
    this.#known = now;
  }
}
