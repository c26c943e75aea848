import type { AuditAction } from "#protocol/api/audit.ts";
import type { Tx } from "#server/db/db.ts";
import { SYSTEM_ACTOR } from "#server/services/actor.ts";
import { appendAudit } from "#server/services/audit/append-audit.ts";
import type { Change } from "#server/services/changes.ts";
import { ownName } from "#server/services/http-names/own-name.ts";
import type { ServiceContext } from "#server/services/service-context.ts";
import { tunnelName, type NamedRow } from "#server/services/tunnels/tunnel-name.ts";

interface Writing {
  readonly deps: Pick<ServiceContext, "installation">;
  readonly tx: Tx;
  readonly cluster: { readonly id: string; readonly name: string };
  readonly at: Date;
}

interface AuditedRow extends NamedRow {
  readonly id: string;
  readonly protocol: string;
}

interface Leased {
  readonly lease: { readonly port: number } | null;
}

export async function auditPublished(writing: Writing, row: AuditedRow): Promise<Change> {
  const lease = await writing.tx.portLease.findUnique({ where: { tunnelId: row.id } });
  const after = placeOf(writing, { ...row, lease });
  return await audit(writing, row, { action: "tunnel.published", after });
}

export async function auditWithdrawn(
  writing: Writing,
  row: AuditedRow & Leased,
  reason: string | null,
): Promise<Change> {
  const before = placeOf(writing, row);
  return await audit(writing, row, { action: "tunnel.withdrawn", before, after: { reason } });
}

export async function auditRemoved(writing: Writing, row: AuditedRow & Leased): Promise<Change> {
  return await audit(writing, row, { action: "tunnel.removed", before: placeOf(writing, row) });
}

function audit(
  { tx, at }: Writing,
  row: AuditedRow,
  event: {
    readonly action: AuditAction;
    readonly before?: Readonly<Record<string, unknown>>;
    readonly after?: Readonly<Record<string, unknown>>;
  },
): Promise<Change> {
  const object = { kind: "tunnel" as const, id: row.id, name: tunnelName(row) };
  return appendAudit(tx, { actor: SYSTEM_ACTOR, at, object, ...event });
}

/** Where clients find a tunnel: at its port, or by its own name. */
function placeOf({ deps, cluster }: Writing, row: AuditedRow & Leased) {
  const place =
    row.protocol === "http"
      ? { host: ownName(row, deps.installation.edge) }
      : { relayPort: row.lease?.port ?? null };
  return { clusterId: cluster.id, cluster: cluster.name, ...place };
}
