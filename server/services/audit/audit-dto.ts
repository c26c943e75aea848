import { z } from "zod";
import { AuditEventDto } from "#protocol/api/audit.ts";
import type { Prisma } from "#server/db/generated/sqlite/client.ts";

export type AuditRow = Prisma.AuditEventGetPayload<object>;

const Facts = z.record(z.string(), z.unknown());

export function toAuditEventDto(row: AuditRow): AuditEventDto {
  // Enumerations are stored as text, so they are checked on the way out.
  return AuditEventDto.parse({
    id: row.id,
    at: row.at.toISOString(),
    actor: { kind: row.actorKind, id: row.actorId, name: row.actorName },
    action: row.action,
    object: { kind: row.objectKind, id: row.objectId, name: row.objectName },
    before: toFacts(row.before),
    after: toFacts(row.after),
    address: row.address,
  });
}

function toFacts(text: string | null): Record<string, unknown> | null {
  return text === null ? null : Facts.parse(JSON.parse(text));
}
