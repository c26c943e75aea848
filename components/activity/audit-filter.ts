import type { AuditAction, AuditEventDto } from "#protocol/api/audit.ts";

/** What the server filters by. */
export interface AuditFilter {
  readonly objectKind?: AuditEventDto["object"]["kind"];
  readonly objectId?: string;
  readonly action?: AuditAction;
}
