import { applyInventoryChange, type InventoryChange } from "#protocol/control/inventory-change.ts";
import {
  type Inventory,
  type InventoryGateway,
  type InventoryPending,
  listenerKeyText,
} from "#protocol/control/inventory.ts";
import { CONTROL_LIMITS } from "#protocol/control/limits.ts";

/** What one link's agent reported: the newest inventory, kept whole by its changes. */
export class LinkInventory {
  #current: Inventory | null = null;
  #served: ReadonlySet<string> = new Set();
  #pending: InventoryPending["problems"] | null = null;
  /** Of its Gateways as JSON: many small changes must not make more of it than one message may carry. */
  #gatewayChars = 0;

  get current(): Inventory | null {
    return this.#current;
  }

  /** Why nothing, or nothing new, is reported; null while it is. */
  get pending(): InventoryPending["problems"] | null {
    return this.#pending;
  }

  /** The agent says why it has nothing to report. What it reported before stands. */
  wait({ problems }: InventoryPending): void {
    this.#pending = problems;
  }

  /** True when a listener that can be served is named. */
  serves(keyText: string): boolean {
    return this.#served.has(keyText);
  }

  /** @returns false for a repeat: generations only grow within one agent instance. */
  replace(inventory: Inventory): boolean {
    if (this.#current !== null && inventory.generation <= this.#current.generation) return false;
    this.#gatewayChars = charsOf(inventory.gateways);
    this.#keep(inventory);
    return true;
  }

  /** @returns why it must be refused; null when it was applied. */
  apply(change: InventoryChange): string | null {
    const before = this.#current;
    const after = before === null ? null : applyInventoryChange(before, change);
    if (before === null || after === null || change.generation <= change.base) {
      const held = before === null ? "none" : `generation ${before.generation}`;
      return `The change builds on generation ${change.base}; the server holds ${held}.`;
    }
    const touched = new Set([...change.remove, ...change.upsert.map(keyOf)]);
    const replaced = before.gateways.filter((gateway) => touched.has(keyOf(gateway)));
    const chars = this.#gatewayChars + charsOf(change.upsert) - charsOf(replaced);
    if (after.gateways.length > CONTROL_LIMITS.gateways || chars > CONTROL_LIMITS.messageBytes) {
      return "With this change the inventory is too large.";
    }
    this.#gatewayChars = chars;
    this.#keep(after);
    return null;
  }

  #keep(inventory: Inventory): void {
    this.#current = inventory;
    this.#pending = null;
    this.#served = servedBy(inventory);
  }
}

const keyOf = ({ namespace, name }: InventoryGateway): string => `${namespace}/${name}`;

function charsOf(gateways: readonly InventoryGateway[]): number {
  return gateways.reduce((sum, gateway) => sum + JSON.stringify(gateway).length, 0);
}

function servedBy(inventory: Inventory): ReadonlySet<string> {
  const keys = new Set<string>();
  for (const gateway of inventory.gateways) {
    for (const { protocol, port, hostname, problem } of gateway.listeners) {
      if (problem !== null) continue;
      const { namespace, name } = gateway;
      keys.add(listenerKeyText({ namespace, gateway: name, protocol, port, hostname }));
    }
  }
  return keys;
}
