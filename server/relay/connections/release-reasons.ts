import type { CloseReason } from "#protocol/api/connections.ts";

/** Why a tunnel that is not open lets its clients go. */
export const RELEASE_REASONS = {
  stopped: "tunnel_withdrawn",
  disabled: "tunnel_disabled",
  removed: "tunnel_removed",
} as const satisfies Record<string, CloseReason>;
