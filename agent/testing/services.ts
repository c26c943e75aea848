import { createSocket } from "node:dgram";
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";

export interface TestService {
  readonly port: number;
  readonly sockets: readonly Socket[];
  close(): Promise<void>;
}

/** A TCP service on a free port of loopback. */
export function startService(onSocket: (socket: Socket) => void): Promise<TestService> {
  const sockets: Socket[] = [];
  const server: Server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.push(socket);
    socket.on("error", () => socket.destroy());
    onSocket(socket);
  });
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      resolve({
        port: (server.address() as AddressInfo).port,
        sockets,
        close: () =>
          new Promise((closed) => {
            server.close(() => closed());
            for (const socket of sockets) socket.destroy();
          }),
      });
    });
  });
}

export const startEcho = (): Promise<TestService> => startService((socket) => socket.pipe(socket));

export interface TestUdpService {
  readonly port: number;
  /** Bytes of each datagram that came. */
  readonly received: readonly number[];
  /** Ports that they came from. */
  readonly peers: ReadonlySet<number>;
  close(): Promise<void>;
}

/** A UDP service on a free port of loopback. */
export function startUdpService(
  onDatagram: (datagram: Buffer, answer: (datagram: Uint8Array) => void) => void,
): Promise<TestUdpService> {
  const received: number[] = [];
  const peers = new Set<number>();
  const socket = createSocket("udp4");
  socket.on("message", (datagram, from) => {
    received.push(datagram.byteLength);
    peers.add(from.port);
    onDatagram(datagram, (answer) => socket.send(answer, from.port, from.address));
  });
  return new Promise((resolve) => {
    socket.bind(0, "127.0.0.1", () => {
      const close = () => new Promise<void>((closed) => void socket.close(() => closed()));
      resolve({ port: socket.address().port, received, peers, close });
    });
  });
}

export const startUdpEcho = (): Promise<TestUdpService> =>
  startUdpService((datagram, answer) => answer(datagram));
