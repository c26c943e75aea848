/**
 * What a mux session runs over: an ordered byte stream with back-pressure. The agent link implements it with
 * binary WebSocket messages; tests with pairs in memory; a later layer can make it survive a lost socket.
 *
 * Order:  `bind` is called once, before any byte is delivered. After `onClose` nothing is called any more.
 */
export interface ByteTransport {
  /** Plugs the receiver in and starts delivery. */
  bind(receiver: ByteReceiver): void;
  /**
   * Sends one whole yamux frame: header, then payload as it is, both in one WebSocket message where there are messages.
   * Neither view may be changed by the caller afterwards. Never throws: after close it is a no-op.
   *
   * @returns false when more than the high-water mark is unsent; `onDrain` follows once it is written.
   */
  write(header: Uint8Array, payload?: Uint8Array): boolean;
  /** Hold frames back until as many `uncork`, so that several become one system call; for transports that gain by it. */
  cork?(): void;
  uncork?(): void;
  /** Bytes handed over and not yet taken by the operating system. */
  readonly bufferedBytes: number;
  /** Ends the transport in an orderly way. Idempotent. */
  close(): void;
}

export interface ByteReceiver {
  /** @param chunk valid during the call only, unless the receiver copies it or the owner of the buffer says otherwise. */
  onData(chunk: Uint8Array): void;
  /**
   * The end of one read from the network: everything that it brought has been delivered. Receivers uncork what they
   * corked during `onData` here, so that one large read costs each target one write.
   */
  onBatchEnd(): void;
  onDrain(): void;
  onClose(reason: string): void;
}
