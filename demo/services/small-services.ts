import { createServer as createHttpServer } from "node:http";
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";

export interface SmallService {
  readonly port: number;
  stop(): Promise<void>;
}

/** Sends back what it gets, until the client is done. */
export function startEcho(): Promise<SmallService> {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on("error", () => socket.destroy());
    socket.pipe(socket);
  });
  return listen(server);
}

/** A web page, reached through a plain TCP tunnel. */
export function startWebPage(): Promise<SmallService> {
  const startedAt = new Date();
  let visits = 0;
  return listen(
    createHttpServer((request, response) => {
      visits += 1;
      request.resume();
      response.writeHead(200, { "content-type": "text/html; charset=utf-8" });
      response.end(page(startedAt, visits));
    }),
  );
}

function page(startedAt: Date, visits: number): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>A private page, reached through Culvert</title>
<style>
  :root { color-scheme: light dark; font: 17px/1.6 system-ui, sans-serif; }
  body { max-width: 36rem; margin: 18vh auto 0; padding: 0 1.5rem; }
  h1 { font-size: 1.6rem; line-height: 1.25; }
  code { font-size: 0.9em; }
</style>
<h1>This page has no public address.</h1>
<p>It listens on the loopback interface of the machine where the agent runs. Your browser reached it through a relay
port, the agent's WebSocket and one stream of its multiplexer.</p>
<p>Visit ${visits} since ${startedAt.toISOString()}. Look at the tunnel <code>tools/edge</code> in the dashboard:
this connection is in its table.</p>
</html>
`;
}

function listen(server: Server): Promise<SmallService> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      // A TCP server that listens has an address with a port.
      const { port } = server.address() as AddressInfo;
      resolve({
        port,
        stop: () =>
          new Promise((stopped) => {
            server.close(() => stopped());
            for (const socket of sockets) socket.destroy();
          }),
      });
    });
  });
}

/** A port of loopback that is free at this moment. */
export async function findFreePort(): Promise<number> {
  const service = await listen(createServer());
  await service.stop();
  return service.port;
}
