import { isDeepStrictEqual } from "node:util";
import type { Inventory } from "#protocol/control/inventory.ts";
import type { Seen } from "./seen.ts";

/**
 * What an agent says about the routes and listeners of one namespace, in short: `shop/db route → Accepted`,
 * `shop/db → BackendNotFound` where the listener is not published, `TCPRoute lost → NoMatchingParent` for problems.
 */
export type Verdicts = Readonly<Record<string, string>>;

export function verdictsOf(inventory: Inventory, namespace: string): Verdicts {
  const verdicts: Record<string, string> = {};
  for (const gateway of inventory.gateways) {
    if (gateway.namespace !== namespace) continue;
    for (const { name, routes, problem, problemCode } of gateway.listeners) {
      const place = `${gateway.name}/${name}`;
      if (problem !== null) verdicts[place] = problemCode ?? "pending";
      for (const route of routes) verdicts[`${place} ${route.name}`] = route.reason;
    }
  }
  for (const { where, code } of inventory.problems) {
    const [kind = "", path = ""] = where.split(" ");
    const [own, name] = path.split("/");
    if (own === namespace) verdicts[`${kind} ${name}`] = code ?? "problem";
  }
  return verdicts;
}

/** Waits until the agent says exactly this about the namespace. */
export async function untilVerdicts(
  seen: Seen,
  namespace: string,
  expected: Verdicts,
): Promise<Inventory> {
  const isWanted = (inventory: Inventory): boolean =>
    isDeepStrictEqual(verdictsOf(inventory, namespace), expected);
  return await seen.until(JSON.stringify(expected), isWanted).catch((error: unknown) => {
    const last = seen.all.at(-1);
    const was = last === undefined ? "nothing" : JSON.stringify(verdictsOf(last, namespace));
    throw new Error(`The agent said ${was} rather than ${JSON.stringify(expected)}.`, {
      cause: error,
    });
  });
}
