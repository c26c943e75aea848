import { createHash } from "node:crypto";
import { AgentId, type ClusterId } from "#protocol/api/ids.ts";

const DIGEST_CHARACTERS = 20;

/**
 * Derives an agent's id from its cluster and its name, so that a relay can admit an agent
 * while the web process, and with it the database, is away.
 *
 * Source: docs/adr/0006-agent-identity.md
 */
export function deriveAgentId(clusterId: ClusterId, agentName: string): AgentId {
  const digest = createHash("sha256").update(`${clusterId}/${agentName}`).digest("hex");
  return AgentId.parse(`ag_${digest.slice(0, DIGEST_CHARACTERS)}`);
}
