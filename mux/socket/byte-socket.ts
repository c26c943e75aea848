/**
 * A connected socket as the data path sees it: callbacks instead of events, bytes without copies,
 * and plain numbers. Hides whether reads go into large buffers of ours (TCP) or come as `data` events (TLS).
 *
 * Order:  nothing is read before `bind`. After `onClose` nothing is called any more.
 */
export interface ByteSocket {
  /** Plugs the handler in and starts reading. What was already there may be delivered during the call. A later call replaces the handler. */
  bind(handler: ByteSocketHandler): void;
  /**
   * Queues bytes. The view must not be changed until it is sent. After the end or the close it is a no-op.
   *
   * @returns false when more than the socket's bound is unsent; `onDrain` follows once all of it is written.
   */
  write(chunk: Uint8Array): boolean;
  /** Bytes written here and not yet taken by the operating system. */
  readonly unsentBytes: number;
  /** False while `write` would return false; for callers that corked, since what is corked counts as unsent. */
  readonly hasRoom: boolean;
  /** Holds writes back until `uncork`, so that many become one system call. */
  cork(): void;
  uncork(): void;
  /** Stops and continues reading. */
  pause(): void;
  resume(): void;
  /** For a handler that borrows: of what it kept, the first `bytes` bytes that `onData` ever brought it are used no more. */
  reclaim(bytes: number): void;
  /** Half-closes our direction after what is queued (FIN). Idempotent. */
  end(): void;
  /** Drops the socket and what is queued. Idempotent. */
  destroy(): void;
  /** Drops the socket so that the peer sees a reset (RST) where the kind of socket allows. Idempotent. */
  reset(): void;
  /** Of UDP associations: what came from the network, went there and was dropped. */
  readonly datagrams?: {
    readonly received: number;
    readonly sent: number;
    readonly dropped: number;
  };
  readonly remoteAddress: string | undefined;
  readonly remotePort: number | undefined;
}

export interface ByteSocketHandler {
  /**
   * True: bytes are lent for the length of `onData`, and the handler calls `keepReadMemory` during it when it keeps any of
   * them. For the hot path, where they are usually gone by then. Otherwise they belong to the handler.
   */
  readonly borrows?: true;
  /** One read from the network. */
  onData(chunk: Uint8Array): void;
  /** The peer half-closed; our direction is still open. */
  onEnd(): void;
  /** More may be written after `write` returned false. */
  onDrain(): void;
  /** Called once, last. @param error what broke the socket; null after an orderly end, `destroy` or `reset`. */
  onClose(error: Error | null): void;
}
