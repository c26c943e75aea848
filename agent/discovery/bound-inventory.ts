import type {
  Inventory,
  InventoryGateway,
  InventoryListener,
} from "#protocol/control/inventory.ts";
import { CONTROL_LIMITS as L } from "#protocol/control/limits.ts";
import { boundRules } from "./bound-rules.ts";
import type { DiscoveryProblem } from "./discovery.ts";

const clip = (text: string): string =>
  text.length <= L.text ? text : `${text.slice(0, L.text - 1)}…`;

/**
 * Cuts what a source found to the bounds of the wire, and says what was left out: one listener with too many routes
 * must not make the server refuse everything else.
 */
export function boundInventory(inventory: Inventory): Inventory {
  const problems: DiscoveryProblem[] = [];
  const kept = cut(inventory.gateways, L.gateways, (count) =>
    problems.push({
      where: "discovery",
      reason: `Only ${L.gateways} of ${count} Gateways are reported.`,
    }),
  ).map((gateway) => boundGateway(gateway, problems));
  const gateways = [...boundRules(kept, problems)];
  return { ...inventory, gateways, problems: boundProblems([...problems, ...inventory.problems]) };
}

/** Problems within the bounds of the wire. */
export function boundProblems(problems: readonly DiscoveryProblem[]): DiscoveryProblem[] {
  return problems.slice(0, L.problems).map((problem) => ({
    ...problem,
    where: clip(problem.where),
    reason: clip(problem.reason),
  }));
}

function boundGateway(gateway: InventoryGateway, problems: DiscoveryProblem[]): InventoryGateway {
  const where = `Gateway ${gateway.namespace}/${gateway.name}`;
  const report =
    (what: string, bound: number) =>
    (count: number): void => {
      problems.push({ where, reason: `Only ${bound} of ${count} ${what} are reported.` });
    };
  const listeners = gateway.listeners.map((listener): InventoryListener => {
    const of = `of listener ${listener.name}`;
    return {
      ...listener,
      routes: cut(
        listener.routes,
        L.routesPerListener,
        report(`routes ${of}`, L.routesPerListener),
      ).map((route) => ({ ...route, message: clip(route.message) })),
      backends: cut(
        listener.backends,
        L.backendsPerListener,
        report(`backends ${of}`, L.backendsPerListener),
      ).map((backend) => ({ ...backend, reason: backend.reason && clip(backend.reason) })),
      problem: listener.problem && clip(listener.problem),
    };
  });
  return {
    ...gateway,
    addresses: cut(
      gateway.addresses,
      L.addressesPerGateway,
      report("addresses", L.addressesPerGateway),
    ),
    listeners: cut(listeners, L.listenersPerGateway, report("listeners", L.listenersPerGateway)),
  };
}

function cut<T>(list: readonly T[], max: number, onCut: (count: number) => void): T[] {
  if (list.length > max) onCut(list.length);
  return list.slice(0, max);
}
