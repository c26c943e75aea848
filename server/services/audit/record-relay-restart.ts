import { transaction } from "#server/db/db.ts";
import { SYSTEM_ACTOR } from "#server/services/actor.ts";
import type { ServiceContext } from "#server/services/service-context.ts";
import { appendAudit } from "./append-audit.ts";

/** Writes down that a relay process died and came back, and what it took with it. */
export async function recordRelayRestart(
  deps: Pick<ServiceContext, "db" | "now" | "changes">,
  relay: { readonly relayId: string; readonly lostConnections: number },
): Promise<void> {
  const event = await transaction(deps.db, (tx) =>
    appendAudit(tx, {
      actor: SYSTEM_ACTOR,
      at: deps.now(),
      action: "relay.restarted",
      object: { kind: "relay", id: relay.relayId, name: relay.relayId },
      after: { lostConnections: relay.lostConnections },
    }),
  );
  deps.changes.publish(event, { kind: "relay", id: relay.relayId });
}
