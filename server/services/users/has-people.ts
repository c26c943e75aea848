import type { Queries } from "#server/db/db.ts";

/** False until the first administrator exists. */
export async function hasPeople(db: Queries): Promise<boolean> {
  return (await db.user.count()) > 0;
}
