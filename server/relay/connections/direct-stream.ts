import type { ByteSocket } from "#mux/socket/byte-socket.ts";
import type { MuxStreamEnd, MuxStreamHandler, MuxStreamPort } from "#mux/stream/mux-stream-port.ts";

/**
 * A socket to the service in the place of a stream to an agent, so that one pump serves both.
 *
 * Credit becomes pause and resume: bytes that the pump has not consumed stop the reading.
 */
export class DirectStream implements MuxStreamPort {
  /** No stream of a session has it: the server's are even and begin at 2. */
  readonly id = 0;
  readonly #socket: ByteSocket;
  #bytesReceived = 0;
  #bytesSent = 0;
  #unconsumedBytes = 0;
  #isPaused = false;
  #isEnded = false;
  #isReset = false;

  constructor(socket: ByteSocket) {
    this.#socket = socket;
  }

  get heldBytes(): number {
    return this.#socket.unsentBytes;
  }
  get bytesReceived(): number {
    return this.#bytesReceived;
  }
  get bytesSent(): number {
    return this.#bytesSent;
  }

  write(chunk: Uint8Array): boolean {
    this.#bytesSent += chunk.byteLength;
    return this.#socket.write(chunk);
  }

  end(): void {
    this.#socket.end();
  }

  reset(): void {
    this.#isReset = true;
    this.#socket.reset();
  }

  consume(bytes: number): void {
    this.#unconsumedBytes -= bytes;
    if (!this.#isPaused || this.#unconsumedBytes > 0) return;
    this.#isPaused = false;
    this.#socket.resume();
  }

  bind(user: MuxStreamHandler): void {
    this.#socket.bind({
      ...(user.borrows === true ? { borrows: true as const } : {}),
      onData: (chunk) => this.#receive(chunk, user),
      onEnd: () => {
        this.#isEnded = true;
        user.onEnd();
      },
      onDrain: () => user.onDrain(),
      onClose: (error) => user.onClose(this.#endOf(error)),
    });
  }

  #receive(chunk: Uint8Array, user: MuxStreamHandler): void {
    this.#bytesReceived += chunk.byteLength;
    this.#unconsumedBytes += chunk.byteLength;
    user.onData(chunk);
    user.onBatchEnd();
    if (this.#unconsumedBytes === 0 || this.#isPaused) return;
    this.#isPaused = true;
    this.#socket.pause();
  }

  #endOf(error: Error | null): MuxStreamEnd {
    if (this.#isReset) return "reset_locally";
    return error === null && this.#isEnded ? "ended" : "reset_by_peer";
  }
}
