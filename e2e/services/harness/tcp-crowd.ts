/* A program of its own, since a process may only open so many files: many TCP clients of one port, each heard once. */
import { once } from "node:events";
import { connect, createServer, type Socket, type AddressInfo } from "node:net";

const AT_ONCE = 200;

async function main(): Promise<void> {
  const [role, ...rest] = process.argv.slice(2);
  if (role === "echo") return await serveEcho();
  const [port = 0, count = 0] = rest.map(Number);
  const sockets: Socket[] = [];
  for (let opened = 0; opened < count; opened += AT_ONCE) {
    const size = Math.min(AT_ONCE, count - opened);
    sockets.push(...(await Promise.all(Array.from({ length: size }, () => open(port)))));
  }
  process.stdout.write(`holding ${sockets.length}\n`);
}

async function open(port: number): Promise<Socket> {
  const socket = connect({ port, host: "127.0.0.1" });
  socket.write("?");
  await once(socket, "data", { signal: AbortSignal.timeout(60_000) });
  return socket;
}

async function serveEcho(): Promise<void> {
  const server = createServer((socket) => {
    socket.on("error", () => socket.destroy());
    socket.pipe(socket);
  });
  server.listen({ port: 0, host: "127.0.0.1", backlog: 4_096 });
  await once(server, "listening");
  process.stdout.write(`port ${(server.address() as AddressInfo).port}\n`);
}

await main();
