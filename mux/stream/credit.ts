import { ProtocolError } from "../frame/protocol-error.ts";
import { MUX_LIMITS } from "../limits.ts";

/** Bytes the peer still lets us send. Accounting only: no I/O, no timers. */
export class SendCredit {
  #available: number = MUX_LIMITS.initialWindowBytes;
  #inFlight = 0;
  #smallestReturn: number | null = null;

  get available(): number {
    return this.#available;
  }

  /** Bytes sent that the peer has not given back: what is queued between our hand and its target's. */
  get inFlight(): number {
    return this.#inFlight;
  }

  /** The smallest amount given back at once: this peer collects no more than that before it returns credit. */
  get smallestReturn(): number | null {
    return this.#smallestReturn;
  }

  /** @param bytes at most `available`. */
  take(bytes: number): void {
    if (bytes > this.#available) throw new RangeError(`${bytes} of ${this.#available} bytes`);
    this.#available -= bytes;
    this.#inFlight += bytes;
  }

  /** The peer enlarges its window: credit that answers no byte of ours. */
  raise(bytes: number): void {
    this.#add(bytes);
  }

  /** The peer gives consumed bytes back. */
  giveBack(bytes: number): void {
    this.#add(bytes);
    this.#inFlight = Math.max(0, this.#inFlight - bytes);
    this.#smallestReturn = Math.min(bytes, this.#smallestReturn ?? bytes);
  }

  /** @throws ProtocolError `credit_exceeded` when the sum does not fit into 32 bits. */
  #add(bytes: number): void {
    if (this.#available + bytes > MUX_LIMITS.maxSendCreditBytes) {
      throw new ProtocolError("credit_exceeded", `${bytes} bytes on top of ${this.#available}`);
    }
    this.#available += bytes;
  }
}

/**
 * Bytes we let the peer send.
 *
 * Invariant: outstanding + held by our user + consumed and not yet returned = window.
 * Credit goes back when bytes are *consumed*, not when they arrive, so a slow reader stops a fast writer instead of
 * filling our memory.
 */
export class ReceiveCredit {
  #outstanding: number;
  #held = 0;
  #unreturned = 0;

  /** @param windowBytes at least the initial window; the peer must be told of the difference. */
  constructor(windowBytes: number) {
    this.#outstanding = windowBytes;
  }

  /** @throws ProtocolError `credit_exceeded` when the peer declares more than it may send. */
  reserve(bytes: number): void {
    if (bytes > this.#outstanding) {
      throw new ProtocolError(
        "credit_exceeded",
        `${bytes} bytes with ${this.#outstanding} allowed`,
      );
    }
    this.#outstanding -= bytes;
    this.#held += bytes;
  }

  /**
   * @returns the grant to send now, or 0 while it is too small to be worth a frame.
   * @throws RangeError when more is consumed than arrived (a bug of ours).
   */
  consume(bytes: number): number {
    if (bytes > this.#held) throw new RangeError(`consumed ${bytes} of ${this.#held} bytes`);
    this.#held -= bytes;
    this.#unreturned += bytes;
    if (this.#unreturned < MUX_LIMITS.creditReturnBytes) return 0;
    const grant = this.#unreturned;
    this.#unreturned = 0;
    this.#outstanding += grant;
    return grant;
  }
}
