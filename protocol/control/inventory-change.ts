import { z } from "zod";
import { Inventory, InventoryGateway } from "./inventory.ts";
import { CONTROL_LIMITS as L } from "./limits.ts";

/**
 * What became different since the generation `base`, which the receiver must hold: one change in a large cluster is
 * one small message. A field that is absent did not change.
 */
export const InventoryChange = z.object({
  base: z.number().int().min(1),
  generation: z.number().int().min(1),
  source: Inventory.shape.source.exactOptional(),
  kubernetesVersion: Inventory.shape.kubernetesVersion.exactOptional(),
  gatewayApi: Inventory.shape.gatewayApi.unwrap().exactOptional(),
  loadBalancers: Inventory.shape.loadBalancers.unwrap().exactOptional(),
  problems: Inventory.shape.problems.exactOptional(),
  /** New or different Gateways, each whole. */
  upsert: z.array(InventoryGateway).max(L.gateways),
  /** Gateways that are gone, as `namespace/name`. */
  remove: z.array(z.string().max(507)).max(L.gateways),
});
export type InventoryChange = z.infer<typeof InventoryChange>;

const FIELDS = [
  "source",
  "kubernetesVersion",
  "gatewayApi",
  "loadBalancers",
  "problems",
] as const satisfies readonly (keyof Inventory)[];

const keyOf = ({ namespace, name }: InventoryGateway): string => `${namespace}/${name}`;
const isSame = (a: unknown, b: unknown): boolean =>
  a === b || JSON.stringify(a) === JSON.stringify(b);

/** What turns `before` into `after`. Both hold every Gateway once. */
export function diffInventory(before: Inventory, after: Inventory): InventoryChange {
  const known = new Map(before.gateways.map((gateway) => [keyOf(gateway), gateway]));
  const upsert = after.gateways.filter((gateway) => !isSame(known.get(keyOf(gateway)), gateway));
  for (const gateway of after.gateways) known.delete(keyOf(gateway));
  const changed = FIELDS.filter((field) => !isSame(before[field], after[field]));
  return {
    ...Object.fromEntries(changed.map((field) => [field, after[field]])),
    base: before.generation,
    generation: after.generation,
    upsert,
    remove: [...known.keys()],
  };
}

/**
 * The inventory after a change. Gateways keep their order; new ones come last.
 *
 * @returns null when the change is not based on this generation: ask for a whole inventory.
 */
export function applyInventoryChange(before: Inventory, change: InventoryChange): Inventory | null {
  if (change.base !== before.generation) return null;
  const gateways = new Map(before.gateways.map((gateway) => [keyOf(gateway), gateway]));
  for (const key of change.remove) gateways.delete(key);
  for (const gateway of change.upsert) gateways.set(keyOf(gateway), gateway);
  const fields = FIELDS.flatMap((field) => (field in change ? [[field, change[field]]] : []));
  return {
    ...before,
    ...(Object.fromEntries(fields) as Partial<Inventory>),
    generation: change.generation,
    gateways: [...gateways.values()],
  };
}
