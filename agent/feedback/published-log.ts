import type { Inventory } from "#protocol/control/inventory.ts";
import type { Published, PublishedListener } from "#protocol/control/published.ts";
import type { Log } from "../log.ts";
import { collectFeedback } from "./gateway-feedback.ts";

/** Lines for one change: a folder may hold thousands of listeners. */
const LINES_MAX = 20;

/** Logs where this agent's listeners can be reached, once when it begins or changes, and when it is over. */
export class PublishedLog {
  readonly #log: Log;
  readonly #inventory: () => Inventory;
  /** What the server said last. */
  #published: Published | null = null;
  /** By gateway and listener. */
  #known: ReadonlyMap<string, string> = new Map();

  /** @param inventory of this agent: the server speaks of the whole cluster. */
  constructor(log: Log, inventory: () => Inventory) {
    this.#log = log;
    this.#inventory = inventory;
  }

  /** Takes over what the server publishes, complete. */
  receivePublished(published: Published): void {
    this.#published = published;
    this.receiveInventory();
  }

  /** This agent sees something else than before: what the server said may now be of its listeners, or no more. */
  receiveInventory(): void {
    if (this.#published === null) return;
    const now = addresses(this.#inventory(), this.#published);
    const changed = [...now].filter(([listener, at]) => this.#known.get(listener) !== at);
    for (const [listener, at] of changed.slice(0, LINES_MAX)) {
      this.#log.info("Published", { listener, at });
    }
    this.#count("More is published: the dashboard lists all", changed.length - LINES_MAX);
    const gone = [...this.#known.keys()].filter((listener) => !now.has(listener));
    for (const listener of gone.slice(0, LINES_MAX)) {
      this.#log.info("No longer published", { listener });
    }
    this.#count(
      "More is no longer published: the dashboard lists what is",
      gone.length - LINES_MAX,
    );
    this.#known = now;
  }

  #count(words: string, listeners: number): void {
    if (listeners > 0) this.#log.info(words, { listeners });
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

/** Terminals open what begins with a scheme. The edge speaks HTTP to all, whatever protocol the service behind it has. */
function describe({ endpoints }: PublishedListener): string {
  return endpoints
    .map(({ kind, address }) => (kind === "edge" ? `http://${address}` : address))
    .join(", ");
}
