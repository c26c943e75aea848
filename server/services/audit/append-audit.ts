import type { AuditAction, AuditEventDto } from "#protocol/api/audit.ts";
import type { Tx } from "#server/db/db.ts";
import { newOrderedId } from "#server/lib/ids.ts";
import type { Actor } from "#server/services/actor.ts";
import type { Change } from "#server/services/changes.ts";

type Facts = Readonly<Record<string, unknown>>;

export interface AuditEntry {
  readonly actor: Actor;
  readonly at: Date;
  readonly action: AuditAction;
  readonly object: {
    readonly kind: AuditEventDto["object"]["kind"];
    readonly id: string | null;
    readonly name: string;
  };
  readonly before?: Facts | null;
  readonly after?: Facts | null;
}

/**
 * Writes down who did what, in the transaction that does it: there is never one without the other.
 *
 * @returns what to publish after the commit.
 */
export async function appendAudit(tx: Tx, entry: AuditEntry): Promise<Change> {
  const id = newOrderedId("ev");
  await tx.auditEvent.create({
    data: {
      id,
      at: entry.at,
      actorKind: entry.actor.kind,
      actorId: entry.actor.id,
      actorName: entry.actor.name,
      action: entry.action,
      objectKind: entry.object.kind,
      objectId: entry.object.id,
      objectName: entry.object.name,
      before: toText(entry.before),
      after: toText(entry.after),
      address: entry.actor.address,
    },
  });
  return { kind: "audit", id };
}

function toText(facts: Facts | null | undefined): string | null {
  return facts === null || facts === undefined ? null : JSON.stringify(facts);
}
