import { findFreePort } from "../../harness/process.ts";
import { runTool, startExternal } from "./external.ts";

export interface Redis {
  readonly port: number;
  stop(): Promise<void>;
}

/** A real Redis on loopback that keeps everything in memory. */
export async function startRedis(): Promise<Redis> {
  const port = await findFreePort();
  const server = await startExternal({
    command: "redis-server",
    args: ["--port", String(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"],
    isReady: async () => {
      const { out } = await runTool("redis-cli", ["-p", String(port), "PING"]);
      return out.toString().trim() === "PONG";
    },
  });
  return { port, stop: () => server.stop() };
}
