import type { ClientSide } from "./client/client-side.ts";
import type { UpgradeClient } from "./client/upgrade-client.ts";

/** A request's head, bytes. */
export const HEADER_BYTES_MAX = 32 * 1024;

/** Who is told what comes on the edge's port. */
export interface EdgePortUser {
  onRequest(client: ClientSide): void;
  onUpgrade(client: UpgradeClient): void;
  /** What came is no HTTP, or none that is served; it is answered already. */
  onMalformed(reason: string, peerAddress: string): void;
}
