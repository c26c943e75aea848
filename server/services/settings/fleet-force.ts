import { z } from "zod";
import type { Queries } from "#server/db/db.ts";

export const FLEET_FORCE_KEY = "fleet.force_tunnel";

export interface FleetForce {
  readonly setBy: string;
  readonly setAt: Date;
}

/** Who forced the whole fleet through the tunnel; null while it is not forced. */
export async function findFleetForce(db: Queries): Promise<FleetForce | null> {
  const row = await db.setting.findUnique({ where: { key: FLEET_FORCE_KEY } });
  if (row === null || !z.boolean().parse(JSON.parse(row.value))) return null;
  return { setBy: row.setBy, setAt: row.setAt };
}
