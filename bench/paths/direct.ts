import type { BenchPath } from "./path.ts";

/** Nothing in between: what the machine and the load generator can do at most. */
export const DIRECT_PATH: BenchPath = {
  name: "direct",
  start: async ({ port, udpPort }) => ({ port, udpPort, pids: [], stop: async () => undefined }),
};
