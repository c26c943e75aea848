import type { z } from "zod";
import type { AgentDto, ClusterDto } from "#protocol/api/clusters.ts";
import type { ConnectionDto } from "#protocol/api/connections.ts";
import type { RelayDto } from "#protocol/api/settings.ts";
import type { TunnelDto } from "#protocol/api/tunnels.ts";

/** `idle` nothing to say · `unknown` the facts are still on their way. */
export type HopState = "ok" | "warning" | "broken" | "idle" | "unknown";
export type HopKind = "client" | "endpoint" | "relay" | "agent" | "backend" | "gateway";

export interface Hop {
  readonly kind: HopKind;
  readonly title: string;
  readonly detail: string;
  readonly state: HopState;
  /** What is wrong, one sentence; null while nothing is. */
  readonly problem: string | null;
  /** On the wire to the next hop: a rate, a round trip. */
  readonly wire: string | null;
  /** What the number on the wire is, for its accessible name. */
  readonly wireLabel: string | null;
}

export interface PathFacts {
  readonly tunnel: TunnelDto;
  /** Undefined while it is on its way. */
  readonly cluster: Pick<ClusterDto, "name" | "status"> | undefined;
  readonly agents: readonly AgentDto[] | undefined;
  readonly relays: readonly z.output<typeof RelayDto>[] | undefined;
  readonly open: readonly ConnectionDto[] | undefined;
  /** In and out together, bytes per second; null before it is measured. */
  readonly bytesPerSecond: number | null;
  /** Open now, of the last second. */
  readonly openCount: number;
}

/** Nothing was measured there. */
export const NO_WIRE = { wire: null, wireLabel: null } as const;
