import type { Clock } from "#server/lib/clock.ts";
import type { MessageCounts } from "#protocol/relay/events.ts";
import { type MessageFault, MessageWatch } from "./message-watch.ts";
import type { ByteWatch } from "./watched-socket.ts";

/** What one connection may do, either way. REQUIREMENTS B9; the rates are choices, far above what applications need. */
const LIMITS = {
  messageBytesMax: 10 * 1024 * 1024,
  messagesPerSecond: 10_000,
  bytesPerSecond: 256 * 1024 * 1024,
};

/** Counts the messages of one WebSocket and holds both sides to the rules, without touching a byte. */
export class WebSocketWatch implements ByteWatch {
  readonly #client: MessageWatch;
  readonly #service: MessageWatch;
  readonly #onFault: (fault: MessageFault) => void;
  #isClosed = false;

  /** @param onFault called once, when what came before the fault has been passed on. Nothing passes afterwards. */
  constructor(clock: Clock, onFault: (fault: MessageFault) => void) {
    this.#onFault = onFault;
    this.#client = new MessageWatch(LIMITS, clock);
    this.#service = new MessageWatch(LIMITS, clock);
  }

  /** Messages so far; `in` is client to service. */
  get counts(): MessageCounts {
    return { in: this.#client.messages, out: this.#service.messages };
  }

  /** What went to the client ends with a whole frame, so that a close frame would be understood. */
  get mayTellClient(): boolean {
    return this.#service.isBetweenFrames;
  }

  get mayTellService(): boolean {
    return this.#client.isBetweenFrames;
  }

  fromClient(chunk: Uint8Array): number {
    return this.#look(this.#client, chunk);
  }

  fromService(chunk: Uint8Array): number {
    return this.#look(this.#service, chunk);
  }

  #look(watch: MessageWatch, chunk: Uint8Array): number {
    if (this.#isClosed) return 0;
    const fault = watch.push(chunk);
    if (fault === null) return chunk.byteLength;
    this.#isClosed = true;
    queueMicrotask(() => this.#onFault(fault));
    return fault.passBytes;
  }
}
