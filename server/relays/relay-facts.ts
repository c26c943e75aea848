import { channel } from "node:diagnostics_channel";
import type { ClosedConnectionState, DatagramCounts, HttpCounts } from "#protocol/relay/events.ts";
import type { OpenConnection } from "#server/services/connections/live-connections.ts";
import type { RecentRequest } from "#server/services/live/request-log.ts";

/** What a tunnel did since its relay reported it before. */
export interface CountedTunnel {
  readonly tunnelId: string;
  readonly clusterId: string;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly opened: number;
  readonly failed: number;
  /** Of HTTP tunnels. */
  readonly http?: HttpCounts;
  /** Of UDP tunnels. */
  readonly datagrams?: DatagramCounts;
}

/** Facts that relay processes report, published again in this process for whoever shows them. */
export interface RelayFacts {
  connectionOpened: OpenConnection;
  /** The service answered, or bytes went through. */
  connectionChanged: OpenConnection;
  connectionClosed: ClosedConnectionState & { readonly relayId: string };
  /** Once a second for each relay: every tunnel that did something. */
  counted: {
    readonly relayId: string;
    /** End of the span, milliseconds since the epoch. */
    readonly at: number;
    /** Since the report before. */
    readonly spanMs: number;
    readonly tunnels: readonly CountedTunnel[];
  };
  /** The last failure of these tunnels is another, or is over. */
  outcomesChanged: readonly string[];
  /** Requests of HTTP tunnels that ended, oldest first. */
  requestsEnded: readonly RecentRequest[];
  /** The process is gone, and what it last reported with it. */
  relayGone: { readonly relayId: string };
}

const nameOf = (fact: keyof RelayFacts): string => `culvert.relays.${fact}`;

/** Tells whoever listens; costs next to nothing while nobody does. */
export function publishFact<F extends keyof RelayFacts>(fact: F, facts: RelayFacts[F]): void {
  const topic = channel(nameOf(fact));
  if (topic.hasSubscribers) topic.publish(facts);
}

/** @returns stops listening. */
export function onFact<F extends keyof RelayFacts>(
  fact: F,
  listener: (facts: RelayFacts[F]) => void,
): () => void {
  // Only publishFact writes to this channel, with this fact's type.
  const receive = (message: unknown): void => listener(message as RelayFacts[F]);
  const topic = channel(nameOf(fact));
  topic.subscribe(receive);
  return () => void topic.unsubscribe(receive);
}
