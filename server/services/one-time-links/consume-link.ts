import type { Queries, Tx } from "#server/db/db.ts";
import { hashSecret } from "#server/services/secret-keys.ts";

export type LinkPurpose = "setup" | "sign_in";

export interface PresentedLink {
  readonly purpose: LinkPurpose;
  readonly token: string;
  readonly at: Date;
}

/** Looks at a link without using it up. */
export async function isLinkValid(db: Queries, presented: PresentedLink): Promise<boolean> {
  return (await db.oneTimeLink.count({ where: whereValid(presented) })) === 1;
}

/**
 * Uses a link up, in the caller's transaction: of two that present it at once, one gets it.
 *
 * @returns null when it is unknown, of another purpose, used or expired.
 */
export async function consumeLink(
  tx: Tx,
  presented: PresentedLink,
): Promise<{ readonly userId: string | null } | null> {
  const where = whereValid(presented);
  const { count } = await tx.oneTimeLink.updateMany({ where, data: { usedAt: presented.at } });
  if (count !== 1) return null;
  return await tx.oneTimeLink.findUnique({
    where: { hash: where.hash },
    select: { userId: true },
  });
}

function whereValid({ purpose, token, at }: PresentedLink) {
  return { hash: hashSecret(token), purpose, usedAt: null, expiresAt: { gt: at } };
}
