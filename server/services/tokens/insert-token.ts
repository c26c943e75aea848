import type { Prisma } from "#server/db/generated/sqlite/client.ts";
import type { Tx } from "#server/db/db.ts";
import { newOrderedId } from "#server/lib/ids.ts";
import type { Actor } from "#server/services/actor.ts";
import { appendAudit } from "#server/services/audit/append-audit.ts";
import type { Change } from "#server/services/changes.ts";
import { createSecretKey } from "#server/services/secret-keys.ts";

export type TokenRow = Prisma.AgentTokenGetPayload<object>;

export interface InsertedToken {
  readonly row: TokenRow;
  /** Shown once, stored nowhere. */
  readonly secret: string;
  readonly event: Change;
}

/** Makes an agent token and writes down who did, in the caller's transaction. */
export async function insertToken(
  tx: Tx,
  actor: Actor,
  input: {
    readonly cluster: { readonly id: string; readonly name: string };
    readonly at: Date;
    readonly expiresAt: Date | null;
  },
): Promise<InsertedToken> {
  const key = createSecretKey("cvt");
  const row = await tx.agentToken.create({
    data: {
      id: newOrderedId("tk"),
      clusterId: input.cluster.id,
      prefix: key.prefix,
      hash: key.hash,
      createdAt: input.at,
      expiresAt: input.expiresAt,
    },
  });
  const event = await appendAudit(tx, {
    actor,
    at: input.at,
    action: "token.create",
    object: { kind: "token", id: row.id, name: `${key.prefix}… of ${input.cluster.name}` },
    after: { clusterId: input.cluster.id, expiresAt: input.expiresAt?.toISOString() ?? null },
  });
  return { row, secret: key.secret, event };
}
