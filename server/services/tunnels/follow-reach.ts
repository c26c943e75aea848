import type { AuditAction } from "#protocol/api/audit.ts";
import type { Tx } from "#server/db/db.ts";
import { SYSTEM_ACTOR } from "#server/services/actor.ts";
import { appendAudit } from "#server/services/audit/append-audit.ts";
import type { Change } from "#server/services/changes.ts";
import {
  combineReach,
  isTargeted,
  type DirectReach,
} from "#server/services/routing/direct-reach.ts";
import type { ServiceContext } from "#server/services/service-context.ts";
import { tunnelName } from "./tunnel-name.ts";
import { decideTunnelMode, type TunnelRouting } from "./tunnel-routing.ts";
import { SERVED, WITH_CLUSTER_AND_LEASE, type TunnelRow } from "./tunnel-row.ts";
import { parseTunnelSpec } from "./tunnel-spec.ts";
import { loadSurroundings } from "./tunnel-view.ts";

/**
 * A relay that has just been started knows of no address that it answers. Only after this long its ignorance counts as an
 * outage, milliseconds.
 */
const IGNORANCE_MS = 10_000;
/** Tunnels that are written about in one transaction. */
const TUNNELS_AT_ONCE = 200;

type Deps = Pick<ServiceContext, "now" | "installation" | "live">;

export interface FollowedReach {
  readonly changes: readonly Change[];
  /** What the audit trail says from now on: note it once the transaction is committed. */
  readonly audited: ReadonlyMap<string, boolean>;
  /** There was more than one transaction should hold. */
  readonly hasMore: boolean;
}

/**
 * Writes down which tunnels moved to their direct address or away from it because the address answers or does not: an
 * operator's own switches are written down where they are made.
 *
 * Compares with what the audit trail said last, so a restart of this process or of a relay is no news.
 */
export async function followReach(
  tx: Tx,
  deps: Deps,
  clusterId: string,
  at: Date,
): Promise<FollowedReach> {
  const known = await tx.tunnel.findMany({
    where: { clusterId, ...SERVED },
    select: { id: true },
  });
  const turned = known.filter(({ id }) => hasTurned(deps, id, at.getTime())).map(({ id }) => id);
  const changes: Change[] = [];
  const audited = new Map<string, boolean>();
  if (turned.length === 0) return { changes, audited, hasMore: false };
  const rows = await tx.tunnel.findMany({
    where: { id: { in: turned.slice(0, TUNNELS_AT_ONCE) } },
    include: WITH_CLUSTER_AND_LEASE,
  });
  const around = await loadSurroundings(deps, tx, [clusterId]);
  for (const row of rows) {
    const event = eventOf(deps, row.id, decideTunnelMode(row, parseTunnelSpec(row.spec), around));
    if (event === null) continue;
    // The page shows it also where it follows from a relay that came or went.
    changes.push({ kind: "tunnel", id: row.id, clusterId }, await audit(tx, row, event, at));
    audited.set(row.id, event.action === "tunnel.direct_verified");
  }
  return { changes, audited, hasMore: turned.length > TUNNELS_AT_ONCE && changes.length > 0 };
}

/** True when relays say otherwise than the audit trail. */
function hasTurned({ live }: Deps, tunnelId: string, nowMs: number): boolean {
  const reach = combineReach(live.relays.directOf(tunnelId));
  if (reach === null) return false;
  const wasVerified = live.auditedReach.get(tunnelId) === true;
  if (reach.state === "verified") return !wasVerified;
  return wasVerified && isCertain(reach, nowMs, live.relays.newestStartAt);
}

function isCertain({ state, since }: DirectReach, nowMs: number, startedAt: number): boolean {
  return state === "not_answering" || nowMs - Math.max(since, startedAt) >= IGNORANCE_MS;
}

interface ReachEvent {
  readonly action: AuditAction;
  readonly before: Readonly<Record<string, unknown>>;
  readonly after: Readonly<Record<string, unknown>>;
}

/** Null where the mode does not ask for the direct address, or the relays watch another one than the Gateway has now. */
function eventOf(
  { live }: Deps,
  tunnelId: string,
  { desired, effective, direct, targets }: TunnelRouting,
): ReachEvent | null {
  if (desired === "tunnel" || direct === null) return null;
  const seen = combineReach(live.relays.directOf(tunnelId));
  if (seen === null || !isTargeted(targets, seen.address)) return null;
  const { address, rttMs, reason, state } = direct;
  return state === "verified"
    ? {
        action: "tunnel.direct_verified",
        before: { effective: "tunnel" },
        after: { effective, address, rttMs },
      }
    : {
        action: "tunnel.direct_lost",
        before: { effective: desired },
        after: { effective, address, reason },
      };
}

function audit(tx: Tx, row: TunnelRow, event: ReachEvent, at: Date): Promise<Change> {
  const object = { kind: "tunnel" as const, id: row.id, name: tunnelName(row) };
  return appendAudit(tx, { actor: SYSTEM_ACTOR, at, object, ...event });
}
