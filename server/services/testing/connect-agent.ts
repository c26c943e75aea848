import type { InventoryListener } from "#protocol/control/inventory.ts";
import type { LinkState } from "#protocol/relay/events.ts";
import { recordAgent, recordAgentSeen } from "#server/services/agents/record-agent.ts";
import { createCluster } from "#server/services/clusters/create-cluster.ts";
import { reconcileCluster } from "#server/services/inventory/reconcile-cluster.ts";
import { storeInventory } from "#server/services/inventory/store-inventory.ts";
import {
  EMPTY_SNAPSHOT,
  OPERATOR,
  RELAY,
  inventoryOf,
  linkOf,
  type Services,
} from "./setup-services.ts";

/** A relay that has said what it knows: nothing yet. */
export function connectRelay({ context }: Services): void {
  context.live.relayConnected(RELAY);
  context.live.relaySnapshot(RELAY.relayId, EMPTY_SNAPSHOT);
}

/** Lets an agent in and has its cluster follow. */
export async function connectAgent(
  { context }: Services,
  clusterId: string,
  name = "agent-1",
  wishes: Partial<LinkState> = {},
): Promise<LinkState> {
  const link = { ...linkOf(clusterId, name, context.now()), ...wishes };
  context.live.relayEvent(RELAY.relayId, { kind: "link_opened", link });
  await recordAgent(context, link);
  await reconcileCluster(context, clusterId);
  return link;
}

export async function disconnectAgent({ context }: Services, link: LinkState): Promise<void> {
  const at = context.now();
  const { linkId, agentId, clusterId } = link;
  context.live.relayEvent(RELAY.relayId, {
    kind: "link_closed",
    linkId,
    agentId,
    clusterId,
    at: at.getTime(),
    code: 1006,
    reason: "gone",
  });
  await recordAgentSeen(context, { agentId, clusterId, at });
  await reconcileCluster(context, clusterId);
}

export async function report(
  { context }: Services,
  link: LinkState,
  generation: number,
  listeners: InventoryListener[],
): Promise<void> {
  const { agentId, clusterId, instanceId } = link;
  const inventory = inventoryOf(generation, listeners);
  await storeInventory(context, { agentId, clusterId, instanceId, inventory });
  await reconcileCluster(context, clusterId);
}

/** The same with the relay holding it, as it does while the link is up. */
export async function reportLive(
  services: Services,
  link: LinkState,
  generation: number,
  listeners: InventoryListener[],
): Promise<void> {
  const { live, now } = services.context;
  const inventory = inventoryOf(generation, listeners);
  const relay = live.relays.find(RELAY.relayId);
  relay?.inventories.set(link.linkId, { inventory, receivedAt: now() });
  await report(services, link, generation, listeners);
}

/** A cluster with a connected agent that reports these listeners. */
export async function setupCluster(services: Services, listeners: InventoryListener[]) {
  connectRelay(services);
  const { cluster } = await createCluster(services.context, OPERATOR, { name: "prod" });
  const link = await connectAgent(services, cluster.id);
  await report(services, link, 1, listeners);
  return { clusterId: cluster.id, link };
}
