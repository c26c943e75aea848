import { z } from "zod";
import { RoutingMode } from "#protocol/api/routing.ts";
import { HttpRouting } from "#protocol/control/http-routing.ts";
import { InventoryBackend } from "#protocol/control/inventory.ts";

/** What discovery said of a tunnel's listener; stored as text. */
export const TunnelSpec = z.object({
  listener: z.string(),
  backends: z.array(InventoryBackend),
  /** The Gateway's own addresses. */
  addresses: z.array(z.string()),
  annotation: RoutingMode.nullable(),
  idleTimeoutMs: z.number().int().nullable(),
  /** Why it cannot be published, in plain words; null when it can. */
  problem: z.string().nullable(),
  /** Ids of the agents that can serve it. */
  reportedBy: z.array(z.string()),
  /** Of HTTP listeners whose agent said it. */
  http: HttpRouting.exactOptional(),
});
export type TunnelSpec = z.infer<typeof TunnelSpec>;

export function parseTunnelSpec(text: string): TunnelSpec {
  return TunnelSpec.parse(JSON.parse(text));
}
