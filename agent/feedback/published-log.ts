import type { Inventory } from "#protocol/control/inventory.ts";
import type { Published, PublishedListener } from "#protocol/control/published.ts";
import type { Log } from "../log.ts";
import { collectFeedback } from "./gateway-feedback.ts";

/** Lines for one message of the server: a folder may hold thousands of listeners. */
const LINES_MAX = 20;

/** Logs where this agent's listeners can be reached, once when it begins or changes, and when it is over. */
export class PublishedLog {
  readonly #log: Log;
  /** By gateway and listener. */
  #known: ReadonlyMap<string, string> = new Map();

  constructor(log: Log) {
    this.#log = log;
  }

  /** @param inventory of this agent: the server speaks of the whole cluster. */
  update(inventory: Inventory, published: Published): void {
    const now = addresses(inventory, published);
    const changed = [...now].filter(([listener, at]) => this.#known.get(listener) !== at);
    for (const [listener, at] of changed.slice(0, LINES_MAX)) {
      this.#log.info("Published", { listener, at });
    }
    const more = changed.length - LINES_MAX;
    if (more > 0) this.#log.info("More is published: the dashboard lists all", { listeners: more });
    const gone = [...this.#known.keys()].filter((listener) => !now.has(listener));
    for (const listener of gone.slice(0, LINES_MAX)) {
      this.#log.info("No longer published", { listener });
    }
    this.#known = now;
  }
}

function addresses(inventory: Inventory, published: Published): ReadonlyMap<string, string> {
  const all = new Map<string, string>();
  for (const [gateway, feedback] of collectFeedback(inventory, published)) {
    for (const [name, listener] of feedback.published) {
      const at = describe(listener);
      if (at !== "") all.set(`${gateway}/${name}`, at);
    }
  }
  return all;
}

function describe({ endpoints }: PublishedListener): string {
  return endpoints
    .map(({ kind, address }) => (kind === "edge" ? `http://${address}` : address))
    .join(", ");
}
