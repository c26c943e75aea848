import { createHash } from "node:crypto";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { createServer, type AddressInfo, type Socket } from "node:net";
import { CHECKED_BYTES, sendContent } from "../content.ts";
import { announceReady } from "../child.ts";
import { acceptFrom, type OnBytes } from "../static-read-socket.ts";
import { BULK_CHUNK_BYTES, REQUEST, SINK_REPORT_MS } from "../wire.ts";

/** The service behind every path of the bench: what it does with a connection is the connection's first byte. */
const UDP_BUFFER_BYTES = 4 * 1024 * 1024;
const CHUNK = Buffer.alloc(BULK_CHUNK_BYTES, 0x5a);

function serve(accepted: Socket): void {
  let handle: OnBytes | null = null;
  const socket = acceptFrom(accepted, (view) => {
    if (handle !== null) {
      handle(view);
      return;
    }
    handle = begin(socket, view[0] ?? 0);
    if (view.length > 1) handle(view.subarray(1));
  });
  socket.on("error", () => socket.destroy());
  socket.on("end", () => socket.end());
}

function begin(socket: Socket, request: number): OnBytes {
  switch (request) {
    case REQUEST.sink:
      return beginSink(socket);
    case REQUEST.source:
      beginSource(socket);
      return () => undefined;
    case REQUEST.check:
      return beginCheck(socket);
    default:
      return (view) => socket.write(Buffer.from(view));
  }
}

function beginSink(socket: Socket): OnBytes {
  let total = 0;
  const timer = setInterval(() => {
    const report = Buffer.alloc(8);
    report.writeBigUInt64LE(BigInt(total));
    socket.write(report);
  }, SINK_REPORT_MS);
  socket.on("close", () => clearInterval(timer));
  return (view) => {
    total += view.length;
  };
}

function beginSource(socket: Socket): void {
  const send = (): void => {
    while (!socket.destroyed && socket.write(CHUNK));
  };
  socket.on("drain", send);
  send();
}

function beginCheck(socket: Socket): OnBytes {
  const hash = createHash("sha256");
  let total = 0;
  return (view) => {
    hash.update(view);
    total += view.length;
    if (total !== CHECKED_BYTES) return;
    socket.write(hash.digest());
    sendContent(socket, () => socket.end());
  };
}

/** Echoes datagrams as fast as Node can. */
async function startUdpEcho(): Promise<number> {
  const socket = createSocket({
    type: "udp4",
    recvBufferSize: UDP_BUFFER_BYTES,
    sendBufferSize: UDP_BUFFER_BYTES,
    lookup: (host, _options, found) => found(null, host, 4),
  });
  socket.on("message", (datagram, from) => socket.send(datagram, from.port, from.address));
  // Its own look-up calls back at once, so `bind` does too.
  const listening = once(socket, "listening");
  socket.bind(0, "127.0.0.1");
  await listening;
  return socket.address().port;
}

const udpPort = await startUdpEcho();
const server = createServer({ pauseOnConnect: true, allowHalfOpen: true }, serve);
server.listen(0, "127.0.0.1", 4096, () => {
  announceReady({ port: (server.address() as AddressInfo).port, udpPort });
});
