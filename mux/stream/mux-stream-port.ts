/**
 * One logical connection inside a mux session as its users see it: callbacks, no events, no promise a chunk.
 * `MuxStream` implements it; the pump and the forwarders depend on this shape alone.
 */
export interface MuxStreamPort {
  /** Unsigned 32-bit id; even when the server opened it. */
  readonly id: number;
  /**
   * Queues bytes for the peer. The view must not be changed until it is sent.
   *
   * @returns false when the stream holds more than its bound of unsent bytes: stop until `onDrain`.
   */
  write(chunk: Uint8Array): boolean;
  /**
   * What is written from here to the end of this turn of the event loop goes out together, this stream's and all others'.
   * For datagrams, which come in bursts and are small. Absent where nothing is gained.
   */
  gather?(): void;
  /** Half-closes our direction after what is queued (yamux FIN). Idempotent. */
  end(): void;
  /** Aborts both directions (yamux RST) and drops what is queued. Idempotent. */
  reset(): void;
  /** Returns credit for bytes that `onData` delivered and that have now been taken by their target. */
  consume(bytes: number): void;
  /** Plugs the user in. Bytes that arrived before are delivered at once, synchronously. */
  bind(handler: MuxStreamHandler): void;
  /**
   * Bytes written whose memory may still be read from, at most; what is counted here was written last. Absent where
   * nobody knows.
   */
  readonly heldBytes?: number | undefined;
  /** Counters since the stream opened, bytes of payload. */
  readonly bytesReceived: number;
  readonly bytesSent: number;
}

export interface MuxStreamHandler {
  /**
   * True: bytes are lent until `onBatchEnd`, and the handler calls `keepReadMemory` before that when it keeps any of them
   * for longer. For the pump, whose socket has usually sent them by then. Otherwise they belong to the handler.
   */
  readonly borrows?: true;
  /** @param chunk see `borrows`; credit comes back only through `consume`. */
  onData(chunk: Uint8Array): void;
  /** End of one read of the link: uncork. */
  onBatchEnd(): void;
  /** The peer half-closed; our direction is still open. */
  onEnd(): void;
  /** More may be written after `write` returned false. */
  onDrain(): void;
  /** Called once, last: both directions are over. */
  onClose(why: MuxStreamEnd): void;
}

/** `ended` both sides half-closed · `reset_by_peer` · `reset_locally` · `session_closed` the link died under it. */
export type MuxStreamEnd = "ended" | "reset_by_peer" | "reset_locally" | "session_closed";
