import type { PatchSettingsBody, SettingsDto } from "#protocol/api/settings.ts";
import { transaction } from "#server/db/db.ts";
import { requireRole, type Actor } from "#server/services/actor.ts";
import { appendAudit } from "#server/services/audit/append-audit.ts";
import type { Change } from "#server/services/changes.ts";
import type { ServiceContext } from "#server/services/service-context.ts";
import { FLEET_FORCE_KEY, findFleetForce } from "./fleet-force.ts";
import { getSettings, type SettingsDeps } from "./get-settings.ts";

/**
 * Forces the whole fleet through the tunnel, or releases it. What is so already is no change.
 *
 * @throws AppError `forbidden`
 */
export async function patchSettings(
  deps: SettingsDeps & Pick<ServiceContext, "now" | "changes">,
  actor: Actor,
  input: PatchSettingsBody,
): Promise<SettingsDto> {
  requireRole(actor, "operator");
  const at = deps.now();
  const { forceTunnel } = input;
  const changes = await transaction(deps.db, async (tx): Promise<readonly Change[]> => {
    const before = await findFleetForce(tx);
    if ((before !== null) === forceTunnel) return [];
    const facts = { value: JSON.stringify(forceTunnel), setBy: actor.name, setAt: at };
    await tx.setting.upsert({
      where: { key: FLEET_FORCE_KEY },
      create: { key: FLEET_FORCE_KEY, ...facts },
      update: facts,
    });
    const event = await appendAudit(tx, {
      actor,
      at,
      action: "fleet.force_tunnel",
      object: { kind: "fleet", id: null, name: "Fleet" },
      before: { forceTunnel: before !== null },
      after: { forceTunnel },
    });
    const tunnels = await tx.tunnel.findMany({ select: { id: true, clusterId: true } });
    return [
      { kind: "settings", id: "fleet" },
      ...tunnels.map((tunnel): Change => ({ kind: "tunnel", ...tunnel })),
      event,
    ];
  });
  deps.changes.publish(...changes);
  return await getSettings(deps, actor);
}
