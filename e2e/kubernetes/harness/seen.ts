import type { Inventory, InventoryListener } from "#protocol/control/inventory.ts";
import type { TestHub } from "#agent/testing/test-hub.ts";

const DEADLINE_MS = 30_000;
/** Of an inventory, in the message of a failed wait. */
const SHOWN_CHARACTERS = 4_000;

/** What an agent has reported to a TestHub, over all its links, the oldest first. */
export class Seen {
  readonly #hub: TestHub;

  constructor(hub: TestHub) {
    this.#hub = hub;
  }

  get all(): readonly Inventory[] {
    return this.#hub.links.flatMap(({ inventories }) => inventories);
  }

  /** The newest inventory that is as wanted, as soon as there is one. */
  until(
    what: string,
    isWanted: (inventory: Inventory) => boolean,
    deadlineMs = DEADLINE_MS,
  ): Promise<Inventory> {
    const find = (): Inventory | false => {
      const last = this.all.at(-1);
      return last !== undefined && isWanted(last) && last;
    };
    return this.#hub.until(what, find, deadlineMs).catch((error: unknown) => {
      const { problems, gateways } = this.all.at(-1) ?? {};
      const text = JSON.stringify({ problems, gateways }).slice(0, SHOWN_CHARACTERS);
      throw new Error(`${String(error)}; it saw ${text}`);
    });
  }
}

export interface ListenerPlace {
  readonly namespace: string;
  readonly gateway: string;
  readonly port: number;
}

export function findListener(
  inventory: Inventory,
  { namespace, gateway, port }: ListenerPlace,
): InventoryListener | undefined {
  return inventory.gateways
    .find((item) => item.namespace === namespace && item.name === gateway)
    ?.listeners.find((item) => item.port === port);
}

/** Whether the listener would be a tunnel that carries traffic. */
export function isPublished(inventory: Inventory, place: ListenerPlace): boolean {
  return findListener(inventory, place)?.problem === null;
}
