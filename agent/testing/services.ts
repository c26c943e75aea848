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
