import { channel, type Channel } from "node:diagnostics_channel";
import type { RelayEvent } from "#protocol/relay/events.ts";

type RelayEventKind = RelayEvent["kind"];

/** Name of the diagnostics channel on which each kind of fact is published. */
export const FACT_CHANNELS = {
  link_opened: "relay:link:open",
  link_changed: "relay:link:change",
  link_closed: "relay:link:close",
  inventory: "relay:inventory",
  inventory_change: "relay:inventory:change",
  connection_opened: "relay:connection:open",
  connection_established: "relay:connection:establish",
  connection_closed: "relay:connection:close",
  listener: "relay:listener",
  direct: "relay:direct",
  cluster_resources: "relay:cluster-resources",
  refusal: "relay:refusal",
  agent_log: "relay:agent-log",
} as const satisfies Record<RelayEventKind, string>;

const channels = new Map<RelayEventKind, Channel>(
  (Object.keys(FACT_CHANNELS) as RelayEventKind[]).map((kind) => [
    kind,
    channel(FACT_CHANNELS[kind]),
  ]),
);

/**
 * Tells whoever listens what happened in the data plane. Costs next to nothing while nobody does.
 *
 * Order: subscribers run synchronously, before this returns; one that throws does not disturb the publisher.
 */
export function publishFact(fact: RelayEvent): void {
  channels.get(fact.kind)?.publish(fact);
}

/**
 * Hears every fact of the data plane.
 *
 * @returns ends the subscription. Idempotent.
 */
export function subscribeFacts(onFact: (fact: RelayEvent) => void): () => void {
  // What travels on these channels was typed by publishFact, their only publisher.
  const listener = (message: unknown): void => onFact(message as RelayEvent);
  for (const each of channels.values()) each.subscribe(listener);
  return () => {
    for (const each of channels.values()) each.unsubscribe(listener);
  };
}
