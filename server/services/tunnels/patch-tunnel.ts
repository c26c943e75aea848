import { isDeepStrictEqual } from "node:util";
import type { AuditAction } from "#protocol/api/audit.ts";
import type { PatchTunnelBody, TunnelDto, TunnelPolicyPatch } from "#protocol/api/tunnels.ts";
import { AppError } from "#protocol/errors.ts";
import { transaction } from "#server/db/db.ts";
import type { Prisma } from "#server/db/generated/sqlite/client.ts";
import { requireRole, type Actor } from "#server/services/actor.ts";
import { appendAudit } from "#server/services/audit/append-audit.ts";
import type { Change } from "#server/services/changes.ts";
import type { ServiceContext } from "#server/services/service-context.ts";
import { getTunnel, getTunnelRow } from "./get-tunnel.ts";
import type { TunnelRow } from "./tunnel-row.ts";
import { tunnelName } from "./tunnel-name.ts";
import { parseOrigins } from "./tunnel-policy.ts";
import type { ViewDeps } from "./tunnel-view.ts";

interface Edit {
  readonly action: AuditAction;
  readonly before: Readonly<Record<string, unknown>>;
  readonly after: Readonly<Record<string, unknown>>;
  readonly data: Prisma.TunnelUpdateInput;
}

/**
 * Changes how a tunnel is routed, whether it is on, or its policy: each change is one audit event.
 *
 * What is asked for already is no change, so a repeated request leaves no second event.
 *
 * @throws AppError `not_found`, `forbidden`, `bad_request` for what only HTTP tunnels have
 */
export async function patchTunnel(
  deps: ViewDeps & Pick<ServiceContext, "changes">,
  actor: Actor,
  input: PatchTunnelBody & { readonly id: string },
): Promise<TunnelDto> {
  requireRole(actor, "operator");
  const at = deps.now();
  const changes = await transaction(deps.db, async (tx): Promise<readonly Change[]> => {
    const row = await getTunnelRow(tx, input.id);
    const edits = editsOf(row, input, { setBy: actor.name, setAt: at });
    if (edits.length === 0) return [];
    await tx.tunnel.update({
      where: { id: row.id },
      data: Object.assign({}, ...edits.map((edit) => edit.data)) as Prisma.TunnelUpdateInput,
    });
    const object = { kind: "tunnel" as const, id: row.id, name: tunnelName(row) };
    const events: Change[] = [];
    for (const { action, before, after } of edits) {
      events.push(await appendAudit(tx, { actor, at, action, object, before, after }));
    }
    return [{ kind: "tunnel", id: row.id, clusterId: row.clusterId }, ...events];
  });
  deps.changes.publish(...changes);
  return await getTunnel(deps, actor, { id: input.id });
}

function editsOf(
  row: TunnelRow,
  body: PatchTunnelBody,
  set: { readonly setBy: string; readonly setAt: Date },
): readonly Edit[] {
  const edits: Edit[] = [];
  const { forceTunnel, routingMode, enabled, policy } = body;
  const wasForced = row.forcedBy !== null;
  if (forceTunnel !== undefined && forceTunnel !== wasForced) {
    edits.push({
      action: "tunnel.force_tunnel",
      before: { forceTunnel: wasForced },
      after: { forceTunnel },
      data: { forcedBy: forceTunnel ? set.setBy : null, forcedAt: forceTunnel ? set.setAt : null },
    });
  }
  if (routingMode !== undefined && routingMode !== row.chosenMode) {
    const isChosen = routingMode !== null;
    edits.push({
      action: "tunnel.routing_mode",
      before: { routingMode: row.chosenMode },
      after: { routingMode },
      data: {
        chosenMode: routingMode,
        chosenBy: isChosen ? set.setBy : null,
        chosenAt: isChosen ? set.setAt : null,
      },
    });
  }
  if (enabled !== undefined && enabled !== row.enabled) {
    edits.push({
      action: "tunnel.enable",
      before: { enabled: row.enabled },
      after: { enabled },
      data: { enabled },
    });
  }
  return [...edits, ...policyEdits(row, policy ?? {})];
}

const FIGURES = ["connectTimeoutMs", "idleTimeoutMs", "maxConnections", "directDrainMs"] as const;
const POLICY = [...FIGURES, "allowedOrigins"] as const;

/** An operator's word on one part of the policy; null leaves it to the Gateway or the default. */
type PolicyValues = Readonly<Record<(typeof POLICY)[number], unknown>>;

function policyEdits(row: TunnelRow, policy: TunnelPolicyPatch): readonly Edit[] {
  if (policy.allowedOrigins?.length && row.protocol !== "http") {
    throw new AppError("bad_request", "Only HTTP tunnels have allowed origins");
  }
  const before: PolicyValues = { ...row, allowedOrigins: parseOrigins(row.allowedOrigins) };
  const changed = POLICY.filter(
    (key) => policy[key] !== undefined && !isDeepStrictEqual(policy[key], before[key]),
  );
  if (changed.length === 0) return [];
  const pick = (from: Partial<PolicyValues>) =>
    Object.fromEntries(changed.map((key) => [key, from[key] ?? null]));
  const after = pick(policy);
  const { allowedOrigins = null } = after;
  const data = changed.includes("allowedOrigins")
    ? { ...after, allowedOrigins: allowedOrigins === null ? null : JSON.stringify(allowedOrigins) }
    : after;
  return [{ action: "tunnel.policy", before: pick(before), after, data }];
}
