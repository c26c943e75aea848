import type { MuxStreamEnd, MuxStreamHandler, MuxStreamPort } from "#mux/stream/mux-stream-port.ts";
import {
  createStreamReplyReader,
  type StreamReply,
  type StreamReplyReader,
} from "#protocol/control/stream-header.ts";

/** Hears, at most once in all, what came of a dial. */
export interface DialObserver {
  /** The agent answered; no byte of the service was delivered before. */
  onReply(reply: StreamReply): void;
  /** The answer was not one. */
  onBadReply(error: unknown): void;
  /** The stream was over before an answer came. */
  onNoReply(why: MuxStreamEnd): void;
}

/**
 * A stream whose first bytes from the agent are its answer, and to whose user that answer does not exist.
 *
 * The client's bytes flow from the first moment: no round trip is spent waiting. Once the answer is read the user is
 * bound to the stream itself, so that what follows costs nothing extra.
 */
export class DialedStream implements MuxStreamPort {
  readonly #stream: MuxStreamPort;
  readonly #observer: DialObserver;
  readonly #reader = createStreamReplyReader();
  #isSettled = false;

  constructor(stream: MuxStreamPort, observer: DialObserver) {
    this.#stream = stream;
    this.#observer = observer;
  }

  get id(): number {
    return this.#stream.id;
  }
  get heldBytes(): number | undefined {
    return this.#stream.heldBytes;
  }
  get bytesReceived(): number {
    return this.#stream.bytesReceived;
  }
  get bytesSent(): number {
    return this.#stream.bytesSent;
  }

  write(chunk: Uint8Array): boolean {
    return this.#stream.write(chunk);
  }

  gather(): void {
    this.#stream.gather?.();
  }

  end(): void {
    this.#stream.end();
  }

  reset(): void {
    this.#stream.reset();
  }

  consume(bytes: number): void {
    this.#stream.consume(bytes);
  }

  bind(user: MuxStreamHandler): void {
    if (this.#isSettled) return this.#stream.bind(user);
    this.#stream.bind({
      onData: (chunk) => this.#receive(chunk, user),
      onBatchEnd: () => user.onBatchEnd(),
      onEnd: () => {
        if (this.#isSettled) return user.onEnd();
        this.#settle(() => this.#observer.onNoReply("ended"));
        this.#stream.reset();
      },
      onDrain: () => user.onDrain(),
      onClose: (why) => {
        this.#settle(() => this.#observer.onNoReply(why));
        user.onClose(why);
      },
    });
  }

  #receive(chunk: Uint8Array, user: MuxStreamHandler): void {
    if (this.#isSettled) return user.onData(chunk);
    let answer: ReturnType<StreamReplyReader["push"]>;
    try {
      answer = this.#reader.push(chunk);
    } catch (error) {
      return this.#settle(() => this.#observer.onBadReply(error));
    }
    if (answer === null) return this.#stream.consume(chunk.byteLength);
    const { value, rest } = answer;
    this.#stream.consume(chunk.byteLength - rest.byteLength);
    this.#settle(() => this.#observer.onReply(value));
    if (value.status !== "ok") return;
    if (rest.byteLength > 0) user.onData(rest);
    this.#stream.bind(user);
  }

  #settle(tell: () => void): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    tell();
  }
}
