import { createServer as createHttpServer } from "node:http";
import { type AddressInfo, createServer } from "node:net";
import { MUX_LIMITS } from "#mux/limits.ts";
import { MuxSession } from "#mux/session/mux-session.ts";
import { adoptSocket } from "#mux/socket/large-read-socket.ts";
import { pump } from "#mux/stream/pump.ts";
import { acceptWebSocket } from "#mux/transport/websocket/accept.ts";
import { announceReady } from "../child.ts";

/** A relay that is nothing but its data path. */
const OBSERVER = { onClose: () => undefined };
const HANDLER = { onText: () => undefined, onClose: () => undefined };
const SOCKET_OPTIONS = { keepAliveMs: 0 };

let session: MuxSession | null = null;

const hub = createHttpServer().on("upgrade", (request, socket, head) => {
  const link = acceptWebSocket(request, socket, head, {
    handler: HANDLER,
    maxTextBytes: 1024,
    closeTimeoutMs: 1000,
    ...SOCKET_OPTIONS,
  });
  session = new MuxSession({
    transport: link.binary,
    role: "server",
    windowBytes: Number(process.env["BENCH_WINDOW_BYTES"] ?? MUX_LIMITS.windowBytes),
    keepAliveIntervalMs: null,
    onClose: () => undefined,
  });
});

const front = createServer({ pauseOnConnect: true, allowHalfOpen: true }, (accepted) => {
  const socket = adoptSocket(accepted, SOCKET_OPTIONS);
  if (session === null) socket.destroy();
  else pump({ socket, stream: session.openStream(), observer: OBSERVER });
});

hub.listen(0, "127.0.0.1", () => {
  front.listen(0, "127.0.0.1", 4096, () => {
    announceReady({
      hubPort: (hub.address() as AddressInfo).port,
      port: (front.address() as AddressInfo).port,
    });
  });
});
