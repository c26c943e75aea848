import type { HttpRule } from "#protocol/control/http-routing.ts";
import type { InventoryGateway, InventoryListener } from "#protocol/control/inventory.ts";
import { CONTROL_LIMITS } from "#protocol/control/limits.ts";
import type { DiscoveryProblem } from "./discovery.ts";

/** Of the rules of all listeners together, bytes of JSON: the rest of the message is for everything else. A choice. */
const RULES_BYTES_MAX = CONTROL_LIMITS.messageBytes / 2;

/**
 * Cuts rules of HTTP where all of them together are too large: a route can be on every listener, and would otherwise
 * keep the whole cluster from being reported. Each listener keeps its share, and the newest routes in it give way.
 */
export function boundRules(
  gateways: readonly InventoryGateway[],
  problems: DiscoveryProblem[],
): readonly InventoryGateway[] {
  const sizes = gateways
    .flatMap(({ listeners }) => listeners)
    .flatMap(({ http }) => (http === undefined ? [] : bytesOf(http.rules)));
  const total = sizes.reduce((sum, bytes) => sum + bytes, 0);
  if (total <= RULES_BYTES_MAX) return gateways;
  const share = RULES_BYTES_MAX / sizes.length;
  return gateways.map((gateway) => ({
    ...gateway,
    listeners: gateway.listeners.map((listener) => {
      const bounded = boundListener(listener, share);
      const [before, after] = [listener, bounded].map(({ http }) => http?.rules.length ?? 0);
      if (before !== after) {
        const where = `Gateway ${gateway.namespace}/${gateway.name}`;
        const reason = `Listener ${listener.name}: only ${after} of ${before} rules are reported, since those of all listeners are too large together.`;
        problems.push({ where, reason });
      }
      return bounded;
    }),
  }));
}

function boundListener(listener: InventoryListener, bytesMax: number): InventoryListener {
  const { http } = listener;
  if (http === undefined) return listener;
  const rules: HttpRule[] = [];
  let bytes = 0;
  for (const rule of http.rules) {
    bytes += bytesOf(rule);
    if (bytes > bytesMax) return { ...listener, http: { ...http, rules } };
    rules.push(rule);
  }
  return listener;
}

function bytesOf(value: HttpRule | readonly HttpRule[]): number {
  return Buffer.byteLength(JSON.stringify(value));
}
