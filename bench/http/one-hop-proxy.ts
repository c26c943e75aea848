import { Agent, createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { announceReady } from "../child.ts";

/** A reverse proxy as one writes it with `node:http` alone: kept connections, streamed bodies, upgrades joined. */
const targetPort = Number(process.argv[2]);
const agent = new Agent({ keepAlive: true });
const target = { host: "127.0.0.1", port: targetPort };

const server = createServer((asked, answer) => {
  const { method, url: path, headers } = asked;
  const upstream = request({ ...target, agent, method, path, headers }, (answered) => {
    answer.writeHead(answered.statusCode ?? 502, answered.headers);
    answered.pipe(answer);
  });
  upstream.on("error", () => answer.destroy());
  asked.pipe(upstream);
});
server.on("upgrade", (asked, socket, head) => {
  const { method, url: path, headers } = asked;
  const upstream = request({ ...target, method, path, headers });
  upstream.on("upgrade", (answered, service, early) => {
    const lines = ["HTTP/1.1 101 Switching Protocols"];
    const { rawHeaders } = answered;
    for (let i = 0; i < rawHeaders.length; i += 2) {
      lines.push(`${rawHeaders[i]}: ${rawHeaders[i + 1]}`);
    }
    socket.write(`${lines.join("\r\n")}\r\n\r\n`);
    socket.write(early);
    service.write(head);
    socket.pipe(service).pipe(socket);
    socket.on("error", () => service.destroy());
    service.on("error", () => socket.destroy());
    socket.on("close", () => service.destroy());
  });
  upstream.end();
});
server.keepAliveTimeout = 60_000;
server.listen(0, "127.0.0.1", 4096, () => {
  announceReady({ port: (server.address() as AddressInfo).port });
});
