import type { TunnelProtocol } from "#protocol/api/tunnels.ts";
import type { InventoryListener } from "#protocol/control/inventory.ts";

/** What this version carries; listeners of other protocols are shown and not published. */
const CARRIED: ReadonlySet<TunnelProtocol> = new Set(["tcp", "udp", "http"]);

/** Why a listener cannot be published, in plain words: what its agent says, else what we know. Null when it can. */
export function problemOf({ protocol, problem, http }: InventoryListener): string | null {
  if (problem !== null) return problem;
  if (!CARRIED.has(protocol)) {
    return `This version publishes TCP, UDP and HTTP listeners; ${protocol.toUpperCase()} is not carried yet.`;
  }
  if (protocol !== "http") return null;
  if (http === undefined) {
    return "The agent is too old to say what the listener's routes do. Upgrade it to the server's version.";
  }
  if (http.isThroughGateway && http.isTls) {
    return "Its Gateway ends TLS on this listener itself; TLS to a Gateway is not carried yet.";
  }
  return null;
}
