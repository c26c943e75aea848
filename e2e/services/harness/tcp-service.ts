import { createServer, type AddressInfo, type Socket } from "node:net";

/** A service on a free port of loopback. What it says is up to whoever extends it. */
export abstract class TcpService {
  /** Open connections. */
  readonly sockets = new Set<Socket>();
  readonly #server = createServer((socket) => {
    this.sockets.add(socket);
    socket.on("error", () => socket.destroy());
    socket.on("close", () => this.sockets.delete(socket));
    this.serve(socket);
  });

  /** @returns the port. */
  async start(): Promise<number> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    return (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }

  protected abstract serve(socket: Socket): void;
}
