import type { Inventory } from "#protocol/control/inventory.ts";
import { transaction } from "#server/db/db.ts";
import type { ServiceContext } from "#server/services/service-context.ts";

export interface ReceivedInventory {
  readonly agentId: string;
  readonly clusterId: string;
  readonly instanceId: string;
  readonly inventory: Inventory;
}

/**
 * Keeps an agent's newest snapshot. The cluster's tunnels follow with the next reconcile, which the caller requests.
 *
 * Idempotent: the same snapshot comes once from each relay and again after each reconnect.
 *
 * @returns false when it is not newer than what is stored, or its agent is unknown (record it first).
 */
export async function storeInventory(
  deps: Pick<ServiceContext, "db" | "now">,
  received: ReceivedInventory,
): Promise<boolean> {
  const { agentId, instanceId, inventory } = received;
  return await transaction(deps.db, async (tx) => {
    const agent = await tx.agent.findFirst({
      where: { id: agentId, clusterId: received.clusterId },
      include: { inventory: { select: { instanceId: true, generation: true } } },
    });
    if (agent === null) return false;
    const known = agent.inventory;
    const isKnown =
      known !== null && known.instanceId === instanceId && known.generation >= inventory.generation;
    if (isKnown) return false;
    const facts = {
      instanceId,
      generation: inventory.generation,
      snapshot: JSON.stringify(inventory),
      receivedAt: deps.now(),
    };
    await tx.agentInventory.upsert({
      where: { agentId },
      create: { agentId, ...facts },
      update: facts,
    });
    return true;
  });
}
