import type { Socket } from "node:net";
import type { ByteReceiver, ByteTransport } from "../transport/byte-transport.ts";

/** yamux straight on a TCP socket, as the original is mostly used. For tests. */
export class TcpTransport implements ByteTransport {
  readonly #socket: Socket;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
  }

  get bufferedBytes(): number {
    return this.#socket.writableLength;
  }

  bind(receiver: ByteReceiver): void {
    let failure = "the socket closed";
    this.#socket.on("data", (chunk: Uint8Array) => {
      receiver.onData(chunk);
      receiver.onBatchEnd();
    });
    this.#socket.on("drain", () => receiver.onDrain());
    this.#socket.on("error", (error) => (failure = error.message));
    this.#socket.on("close", () => receiver.onClose(failure));
  }

  write(header: Uint8Array, payload?: Uint8Array): boolean {
    if (this.#socket.destroyed || this.#socket.writableEnded) return true;
    if (payload === undefined) return this.#socket.write(header);
    this.#socket.cork();
    this.#socket.write(header);
    const hasRoom = this.#socket.write(payload);
    this.#socket.uncork();
    return hasRoom;
  }

  close(): void {
    this.#socket.end();
  }
}
