import { createServer as createHttpServer, type ServerResponse } from "node:http";
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

/** How often the page hears of the time, milliseconds. */
const TICK_MS = 1_000;

/** A web page with a stream of events, reached through an HTTP tunnel. */
export function startWebPage(): Promise<SmallService> {
  const startedAt = new Date();
  let visits = 0;
  return listen(
    createHttpServer((request, response) => {
      request.resume();
      if (request.url === "/clock") return streamTime(response);
      if (request.url !== "/") {
        response.writeHead(404, { "content-type": "text/plain" }).end("Nothing is here.\n");
        return;
      }
      visits += 1;
      response.writeHead(200, { "content-type": "text/html; charset=utf-8" });
      response.end(page(startedAt, visits));
    }),
  );
}

/** Server-sent events: one answer that never ends, and that nobody on its way may keep back. */
function streamTime(response: ServerResponse): void {
  response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
  const tell = (): void => void response.write(`data: ${new Date().toISOString()}\n\n`);
  tell();
  const timer = setInterval(tell, TICK_MS);
  response.on("close", () => clearInterval(timer));
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
  code, output { font: 0.9em ui-monospace, monospace; }
</style>
<h1>This page has no public address.</h1>
<p>It listens on the loopback interface of the machine where the agent runs. Your browser reached it by its host name,
through the HTTP edge, the agent's WebSocket and one stream of its multiplexer.</p>
<p>Its own clock, live over the same way: <output id="clock">waiting for the first event</output></p>
<p>Visit ${visits} since ${startedAt.toISOString()}. Look at the tunnel <code>shop/edge</code>, listener
<code>site</code>, in the dashboard: each request is listed there, and the clock is one that stays open.</p>
<script>
  new EventSource("/clock").onmessage = ({ data }) => {
    document.querySelector("#clock").textContent = data;
  };
</script>
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
