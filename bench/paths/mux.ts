import { startChild } from "../child.ts";
import type { BenchPath } from "./path.ts";

/** The data path alone, two processes: socket → pump → yamux → WebSocket → yamux → pump → socket. */
export const MUX_PATH: BenchPath = {
  name: "mux only",
  start: async ({ port: servicePort }) => {
    const relay = await startChild({ script: new URL("mux-relay.ts", import.meta.url).pathname });
    const agent = await startChild({
      script: new URL("mux-agent.ts", import.meta.url).pathname,
      args: [String(relay.ready["hubPort"]), String(servicePort)],
    });
    return {
      port: relay.ready["port"] ?? 0,
      udpPort: null,
      pids: [relay.pid, agent.pid],
      stop: async () => {
        await agent.stop();
        await relay.stop();
      },
    };
  },
};
