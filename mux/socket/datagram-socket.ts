import { DatagramReader, frameDatagram } from "#protocol/control/datagrams.ts";
import type { ByteSocket, ByteSocketHandler } from "./byte-socket.ts";
import type { QueueRoom } from "./queue-room.ts";

/** What waits while the stream cannot take more: past either bound the oldest goes. Choices. */
const QUEUE_DATAGRAMS = 256;
const QUEUE_BYTES = 512 * 1024;
/** What a datagram that waits is taken to cost beside its bytes: an object of its own. A choice, on the safe side. */
const QUEUED_OVERHEAD_BYTES = 256;

/**
 * What the kernel is asked to hold of what a UDP socket receives while we are busy, bytes; it caps this at its own bound.
 * After a pause the link brings questions in bulk, and the answers to all of them come at once. It is memory only while it
 * is filled.
 */
export const RECEIVE_BUFFER_BYTES = 4 * 1024 * 1024;

/** The UDP side of one association. */
export interface DatagramPort {
  /**
   * @param datagram lent for the length of the call, see `keepReadMemory`.
   * @returns false when the datagram was dropped by rule.
   */
  send(datagram: Uint8Array): boolean;
  /** The association is over. Called once. */
  close(): void;
  readonly remoteAddress: string | undefined;
  readonly remotePort: number | undefined;
}

/** Plain numbers, read whenever their owner likes. */
export interface DatagramCounters {
  /** Came from the network. */
  readonly received: number;
  /** Went to the network. */
  readonly sent: number;
  /** Either way, by rule: no room, or not allowed. */
  readonly dropped: number;
  /** Those of them that came from the network and went nowhere: no room, or the association ended while they waited. */
  readonly overflowed: number;
}

/**
 * One UDP association with the face of a connection, so that the pump, the limits and the table of connections treat
 * it like any other: its bytes are framed datagrams (`u16 length | datagram`).
 *
 * UDP cannot be told to wait. While the pump is paused, datagrams queue up to a bound and then the oldest are dropped:
 * what is late is worth least.
 */
export class DatagramSocket implements ByteSocket {
  readonly #port: DatagramPort;
  readonly #room: QueueRoom;
  readonly #reader: DatagramReader;
  readonly #counters = { received: 0, sent: 0, dropped: 0, overflowed: 0 };
  #handler: ByteSocketHandler | null = null;
  readonly #queue: Uint8Array[] = [];
  #queueBytes = 0;
  #isPaused = false;
  #isExpired = false;
  #isClosed = false;
  /** What broke it. */
  #error: Error | null = null;

  /** @param room what all associations of the process may keep waiting together. */
  constructor(port: DatagramPort, room: QueueRoom) {
    this.#port = port;
    this.#room = room;
    this.#reader = new DatagramReader((datagram) => {
      if (this.#isClosed) return;
      if (port.send(datagram)) this.#counters.sent += 1;
      else this.#counters.dropped += 1;
    });
  }

  /** It takes no datagram any more; answers to those it took still pass. */
  get isExpired(): boolean {
    return this.#isExpired;
  }

  get datagrams(): DatagramCounters {
    return this.#counters;
  }
  get remoteAddress(): string | undefined {
    return this.#port.remoteAddress;
  }
  get remotePort(): number | undefined {
    return this.#port.remotePort;
  }
  get unsentBytes(): number {
    return 0;
  }
  get hasRoom(): boolean {
    return true;
  }

  /** A datagram came from the network. */
  receive(datagram: Uint8Array): void {
    if (this.#isClosed) return;
    this.#counters.received += 1;
    const framed = frameDatagram(datagram);
    if (this.#handler !== null && !this.#isPaused) return this.#handler.onData(framed);
    this.#enqueue(framed);
  }

  /** Nothing will come any more, in good order: it was quiet for long enough. */
  expire(): void {
    if (this.#isClosed || this.#isExpired) return;
    this.#isExpired = true;
    if (this.#handler === null) this.destroy();
    else this.#handler.onEnd();
  }

  /** The network refused it (ICMP), or its socket broke. */
  fail(error: Error): void {
    this.#close(error);
  }

  bind(handler: ByteSocketHandler): void {
    const isFirst = this.#handler === null;
    this.#handler = handler;
    if (this.#isClosed) {
      // It was over before anybody could be told.
      if (isFirst) this.#tellClosed();
      return;
    }
    this.#isPaused = false;
    this.#flush();
  }

  write(chunk: Uint8Array): boolean {
    this.#reader.push(chunk);
    return true;
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    this.#flush();
  }

  /** There is no half of an association: its end is its close. */
  end(): void {
    this.#close(null);
  }
  destroy(): void {
    this.#close(null);
  }
  reset(): void {
    this.#close(null);
  }

  cork(): void {
    // A datagram is a system call of its own.
  }
  uncork(): void {
    // See `cork`.
  }
  reclaim(): void {
    // Every datagram has memory of its own.
  }

  #enqueue(framed: Uint8Array): void {
    const isOver = (): boolean =>
      this.#queue.length >= QUEUE_DATAGRAMS || this.#queueBytes + framed.byteLength > QUEUE_BYTES;
    while (isOver()) this.#drop(this.#dequeue());
    while (!this.#room.take(costOf(framed))) {
      const oldest = this.#dequeue();
      // Others hold all the room there is.
      if (oldest === undefined) return this.#drop(framed);
      this.#drop(oldest);
    }
    this.#queue.push(framed);
    this.#queueBytes += framed.byteLength;
  }

  #dequeue(): Uint8Array | undefined {
    const framed = this.#queue.shift();
    if (framed === undefined) return undefined;
    this.#queueBytes -= framed.byteLength;
    this.#room.give(costOf(framed));
    return framed;
  }

  #drop(framed: Uint8Array | undefined): void {
    if (framed === undefined) return;
    this.#counters.dropped += 1;
    this.#counters.overflowed += 1;
  }

  #flush(): void {
    while (!this.#isPaused && !this.#isClosed) {
      const framed = this.#dequeue();
      if (framed === undefined) return;
      this.#handler?.onData(framed);
    }
  }

  #close(error: Error | null): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#error = error;
    for (let left = this.#dequeue(); left !== undefined; left = this.#dequeue()) this.#drop(left);
    this.#port.close();
    if (this.#handler !== null) this.#tellClosed();
  }

  /** Later, since whoever closes it may still be in the middle of something. */
  #tellClosed(): void {
    queueMicrotask(() => this.#handler?.onClose(this.#error));
  }
}

const costOf = (framed: Uint8Array): number => framed.byteLength + QUEUED_OVERHEAD_BYTES;
