import type { ByteSocket, ByteSocketHandler } from "#mux/socket/byte-socket.ts";

/** Sees the bytes of both directions before they go on. @returns how many of them may. */
export interface ByteWatch {
  fromClient(chunk: Uint8Array): number;
  fromService(chunk: Uint8Array): number;
}

/** A client's socket whose bytes somebody looks at, for the pump that moves them. */
export class WatchedSocket implements ByteSocket {
  readonly #socket: ByteSocket;
  readonly #watch: ByteWatch;

  constructor(socket: ByteSocket, watch: ByteWatch) {
    this.#socket = socket;
    this.#watch = watch;
  }

  get unsentBytes(): number {
    return this.#socket.unsentBytes;
  }
  get hasRoom(): boolean {
    return this.#socket.hasRoom;
  }
  get remoteAddress(): string | undefined {
    return this.#socket.remoteAddress;
  }
  get remotePort(): number | undefined {
    return this.#socket.remotePort;
  }

  bind(handler: ByteSocketHandler): void {
    this.#socket.bind({
      ...(handler.borrows === true ? { borrows: true as const } : {}),
      onData: (chunk) => {
        const passed = passedOn(chunk, this.#watch.fromClient(chunk));
        if (passed !== null) handler.onData(passed);
      },
      onEnd: () => handler.onEnd(),
      onDrain: () => handler.onDrain(),
      onClose: (error) => handler.onClose(error),
    });
  }

  write(chunk: Uint8Array): boolean {
    const passed = passedOn(chunk, this.#watch.fromService(chunk));
    return passed === null ? this.hasRoom : this.#socket.write(passed);
  }

  cork(): void {
    this.#socket.cork();
  }
  uncork(): void {
    this.#socket.uncork();
  }
  pause(): void {
    this.#socket.pause();
  }
  resume(): void {
    this.#socket.resume();
  }
  reclaim(bytes: number): void {
    this.#socket.reclaim(bytes);
  }
  end(): void {
    this.#socket.end();
  }
  destroy(): void {
    this.#socket.destroy();
  }
  reset(): void {
    this.#socket.reset();
  }
}

function passedOn(chunk: Uint8Array, bytes: number): Uint8Array | null {
  if (bytes === chunk.byteLength) return chunk;
  return bytes === 0 ? null : chunk.subarray(0, bytes);
}
