import type { Inventory } from "#protocol/control/inventory.ts";
import { applyInventoryChange, type InventoryChange } from "#protocol/control/inventory-change.ts";
import type { LiveRelay, LiveRelays } from "./live-relays.ts";

/** A link said what its agent sees: all of it. */
export function noteInventory(
  relay: LiveRelay,
  report: { readonly linkId: string; readonly inventory: Inventory; readonly at: Date },
): void {
  const { linkId, inventory, at } = report;
  relay.inventories.set(linkId, { inventory, receivedAt: at });
}

/**
 * A link said what became different for its agent.
 *
 * @returns false when it does not follow what is known: only a snapshot of the relay can tell.
 */
export function noteInventoryChange(
  relays: LiveRelays,
  relay: LiveRelay,
  report: { readonly linkId: string; readonly change: InventoryChange; readonly at: Date },
): boolean {
  const { linkId, change, at } = report;
  const before = relay.inventories.get(linkId);
  const link = relay.links.get(linkId);
  if (before === undefined || link === undefined) return false;
  // Another relay may have said it already: then both hold the same object, and a large cluster is held once.
  const known = relays.inventoryOf(link.agentId);
  const isSame =
    known?.instanceId === link.instanceId && known.inventory.generation === change.generation;
  const after = isSame ? known.inventory : applyInventoryChange(before.inventory, change);
  if (after === null) return false;
  relay.inventories.set(linkId, { inventory: after, receivedAt: isSame ? known.receivedAt : at });
  return true;
}
