import { startChild } from "../child.ts";
import type { BenchPath } from "./path.ts";

/** One process that pipes sockets into each other: the yardstick N. */
export const PIPE_PATH: BenchPath = {
  name: "node pipe",
  start: async ({ port: servicePort }) => {
    const script = new URL("pipe-proxy.ts", import.meta.url).pathname;
    const proxy = await startChild({ script, args: [String(servicePort)] });
    return {
      port: proxy.ready["port"] ?? 0,
      udpPort: null,
      pids: [proxy.pid],
      stop: () => proxy.stop(),
    };
  },
};
