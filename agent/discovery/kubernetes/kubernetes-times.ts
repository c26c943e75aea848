import type { KubernetesTimes } from "./kubernetes-source.ts";

const RETRY_BASE_MS = 250;
/** Low, because a change must be seen soon after the API server is back; one agent asks for about ten collections. */
const RETRY_CAP_MS = 5_000;
const RETRY_FLOOR_MS = 50;

/** How discovery spends its time in a real cluster. */
export function createKubernetesTimes(random: () => number): KubernetesTimes {
  return {
    silenceMs: 120_000,
    watchSeconds: 300,
    // Full jitter: after an outage every agent asks at the same moment.
    retryDelayMs: (attempt) => {
      const bound = Math.min(RETRY_CAP_MS, RETRY_BASE_MS * 2 ** Math.min(attempt, 10));
      return RETRY_FLOOR_MS + random() * bound;
    },
    deniedDelayMs: () => 10_000 + random() * 10_000,
    graceMs: 2_000,
    healthyAfterMs: 10_000,
    versionsMs: 10_000,
    confirmMs: 1_000,
    factsMs: 60_000,
    settleMs: 75,
  };
}
