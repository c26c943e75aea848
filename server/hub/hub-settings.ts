import { MUX_LIMITS } from "#mux/limits.ts";
import { CONTROL_LIMITS, HEARTBEAT_INTERVAL_MS } from "#protocol/control/limits.ts";
import type { RelayId } from "#protocol/api/ids.ts";

/** What one relay process tells agents, and the bounds it holds them to. */
export interface HubSettings {
  readonly relayId: RelayId;
  readonly relayIds: readonly RelayId[];
  readonly serverVersion: string;
  /** Scheme, host and port of the public URL: the only browser origin that is let in. */
  readonly publicOrigin: string;
  readonly heartbeatIntervalMs: number;
  readonly handshakeTimeoutMs: number;
  readonly unregisteredSocketsMax: number;
  readonly linksPerClusterMax: number;
  readonly windowBytes: number;
  readonly keepAliveIntervalMs: number;
}

export const HUB_DEFAULTS = {
  heartbeatIntervalMs: HEARTBEAT_INTERVAL_MS,
  handshakeTimeoutMs: CONTROL_LIMITS.handshakeTimeoutMs,
  unregisteredSocketsMax: CONTROL_LIMITS.unregisteredSockets,
  linksPerClusterMax: CONTROL_LIMITS.linksPerCluster,
  windowBytes: MUX_LIMITS.windowBytes,
  keepAliveIntervalMs: HEARTBEAT_INTERVAL_MS,
} as const;
