import type { AuditEventDto, AuditListQuery } from "#protocol/api/audit.ts";
import type { Page } from "#protocol/api/common.ts";
import { AppError } from "#protocol/errors.ts";
import { requireRole, type Actor } from "#server/services/actor.ts";
import { decodeCursor, toPage } from "#server/services/page.ts";
import type { ServiceContext } from "#server/services/service-context.ts";
import { toAuditEventDto } from "./audit-dto.ts";

/** What was done, newest first. */
export async function listAudit(
  deps: Pick<ServiceContext, "db">,
  actor: Actor,
  query: AuditListQuery,
): Promise<Page<AuditEventDto>> {
  requireRole(actor, "viewer");
  const after = query.cursor === undefined ? null : decodeCursor(query.cursor);
  const rows = await deps.db.auditEvent.findMany({
    where: {
      ...(query.objectKind === undefined ? {} : { objectKind: query.objectKind }),
      ...(query.objectId === undefined ? {} : { objectId: query.objectId }),
      ...(query.action === undefined ? {} : { action: query.action }),
      ...(after === null
        ? {}
        : { OR: [{ at: { lt: after.at } }, { at: after.at, id: { lt: after.id } }] }),
    },
    orderBy: [{ at: "desc" }, { id: "desc" }],
    take: query.limit + 1,
  });
  return toPage(rows, query.limit, toAuditEventDto, (row) => ({ at: row.at, id: row.id }));
}

/** @throws AppError `not_found` */
export async function getAuditEvent(
  deps: Pick<ServiceContext, "db">,
  actor: Actor,
  id: string,
): Promise<AuditEventDto> {
  requireRole(actor, "viewer");
  const row = await deps.db.auditEvent.findUnique({ where: { id } });
  if (row === null) throw new AppError("not_found", "Audit event not found");
  return toAuditEventDto(row);
}
