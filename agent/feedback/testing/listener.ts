import type { InventoryListener } from "#protocol/control/inventory.ts";

/** A usable TCP listener. */
export function listenerOf(port: number, over: Partial<InventoryListener> = {}): InventoryListener {
  return {
    name: `tcp-${port}`,
    port,
    protocol: "tcp",
    hostname: null,
    routes: [],
    backends: [],
    problem: null,
    problemCode: null,
    ...over,
  };
}
