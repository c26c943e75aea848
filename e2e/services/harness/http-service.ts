import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";

export interface HttpBackend {
  readonly port: number;
  readonly server: Server;
  close(): Promise<void>;
}

/** A real HTTP/1.1 service on loopback. */
export async function startHttpService(listener?: RequestListener): Promise<HttpBackend> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    server,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
