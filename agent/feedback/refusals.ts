import type { Inventory, InventoryGateway } from "#protocol/control/inventory.ts";
import { isAtFault } from "./listener-status.ts";

/** The object an Event is about, and what it says. */
export interface Refusal {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  /** The Gateway API's reason code. */
  readonly reason: string;
  /** Plain words. */
  readonly note: string;
}

/** Codes go into a field that takes nothing else. */
const CODE = /^[A-Za-z][A-Za-z0-9]{0,127}$/;

/** Routes that were refused, and listeners that cannot be published for a reason of the specification: each object and reason once. */
export function findRefusals({ gateways }: Inventory): readonly Refusal[] {
  const refusals = new Map<string, Refusal>();
  for (const gateway of gateways) {
    for (const refusal of [...routesOf(gateway), ...listenersOf(gateway)]) {
      const { kind, namespace, name, reason } = refusal;
      const key = `${kind}/${namespace}/${name}/${reason}`;
      if (CODE.test(reason) && !refusals.has(key)) refusals.set(key, refusal);
    }
  }
  return [...refusals.values()];
}

function* routesOf({ namespace, name, listeners }: InventoryGateway): Generator<Refusal> {
  for (const listener of listeners) {
    const where = `Gateway ${namespace}/${name}, listener ${listener.name}`;
    for (const route of listener.routes) {
      if (route.accepted) continue;
      const { kind, reason, message } = route;
      const note = `${where}: ${message}`;
      yield { kind, namespace: route.namespace, name: route.name, reason, note };
    }
  }
}

/** A listener that only lacks a good route is none: the route says so itself. */
function* listenersOf({ namespace, name, listeners }: InventoryGateway): Generator<Refusal> {
  for (const listener of listeners) {
    if (!isAtFault(listener)) continue;
    const note = `Listener ${listener.name}: ${listener.problem ?? ""}`;
    yield { kind: "Gateway", namespace, name, reason: listener.problemCode ?? "", note };
  }
}
