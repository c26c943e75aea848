import type { Inventory } from "#protocol/control/inventory.ts";
import { SYSTEM_CLOCK } from "#mux/session/clock.ts";
import type { AgentConfig } from "../config/config.ts";
import type { KubernetesApi } from "../discovery/kubernetes/api-client.ts";
import type { Log } from "../log.ts";
import type { AgentCounters } from "../metrics/agent-counters.ts";
import { Feedback } from "./feedback.ts";

interface FeedbackParts {
  readonly config: AgentConfig;
  readonly api: KubernetesApi | null;
  readonly inventory: () => Inventory;
  readonly isLinked: () => boolean;
  readonly counters: AgentCounters;
  readonly log: Log;
}

/** @returns null when nothing is to be written. */
export function createFeedback(parts: FeedbackParts): Feedback | null {
  const { config, api, inventory, isLinked, counters, log } = parts;
  if (api === null || config.feedback.length === 0) return null;
  return new Feedback({
    kinds: config.feedback,
    api,
    namespaces: config.kubernetes?.namespaces ?? null,
    inventory,
    isLinked,
    agentId: config.agentId,
    clock: SYSTEM_CLOCK,
    wallClock: () => new Date(),
    log,
    writes: counters.kubernetes.feedbackWrites,
  });
}
