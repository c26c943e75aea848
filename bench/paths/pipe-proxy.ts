import { type AddressInfo, connect, createServer } from "node:net";
import { announceReady } from "../child.ts";

/** The simplest TCP proxy that Node can be. */
const targetPort = Number(process.argv[2]);

const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
  const upstream = connect({
    port: targetPort,
    host: "127.0.0.1",
    allowHalfOpen: true,
    noDelay: true,
  });
  socket.on("error", () => upstream.destroy());
  upstream.on("error", () => socket.destroy());
  socket.on("close", () => upstream.destroy());
  upstream.on("close", () => socket.destroy());
  socket.pipe(upstream);
  upstream.pipe(socket);
});
server.listen(0, "127.0.0.1", 4096, () => {
  announceReady({ port: (server.address() as AddressInfo).port });
});
