import { createServer, type Socket } from "node:net";
import type { BindOptions, OpenPort } from "./port-listener.ts";

/** Clients the kernel holds for us while we are busy; it caps this at its own bound. */
const BACKLOG = 4_096;

/**
 * Binds a TCP port.
 *
 * @param onConnection gets accepted sockets that are not read from yet, and owns them.
 * @throws the system's error.
 */
export function bindTcpPort(
  { host, port, reusePort, onBroken }: BindOptions,
  onConnection: (socket: Socket) => void,
): Promise<OpenPort> {
  const server = createServer({ pauseOnConnect: true, allowHalfOpen: true, noDelay: true });
  server.on("connection", onConnection);
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host, port, backlog: BACKLOG, reusePort }, () => {
      server.removeListener("error", reject);
      server.on("error", onBroken);
      resolve({ stop: () => void server.close() });
    });
  });
}
