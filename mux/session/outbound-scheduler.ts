import { encodeHeader, FRAME, HEADER_BYTES } from "../frame/frame-header.ts";
import { ProtocolError } from "../frame/protocol-error.ts";
import { MUX_LIMITS } from "../limits.ts";
import { keepReadMemory } from "../socket/read-buffers.ts";
import type { MuxStream } from "../stream/mux-stream.ts";
import type { ByteTransport } from "../transport/byte-transport.ts";

/** Payload above this is worth a system call: it waits for nobody, and takes along what was gathered. A choice. */
const GATHERED_PAYLOAD_BYTES = 4 * 1024;

/**
 * Decides whose frame goes next. Control frames go at once, ahead of every payload that waits; payload goes one frame
 * a stream in turn, so that a bulk stream costs the others one frame's wait and no more.
 *
 * The line of waiting streams is a list linked through the streams themselves: nothing is allocated to stand in it.
 */
export class OutboundScheduler {
  readonly #transport: ByteTransport;
  #first: MuxStream | null = null;
  #last: MuxStream | null = null;
  #isBlocked = false;
  #isFlushing = false;
  #isStopped = false;
  #isGathering = false;
  #blockedControlBytes = 0;

  constructor(transport: ByteTransport) {
    this.#transport = transport;
  }

  /** True when payload written now is sent at once and overtakes nobody. */
  get canSendNow(): boolean {
    // Streams stand in line only while the transport is full or the line is being worked off.
    return !this.#isBlocked && !this.#isFlushing && !this.#isStopped;
  }

  /** The transport holds more than it wants to. */
  get isBlocked(): boolean {
    return this.#isBlocked;
  }

  /** After this nothing is sent. */
  stop(): void {
    this.#isStopped = true;
    while (this.#shift() !== null);
  }

  /** Only while {@link canSendNow}, or from the stream whose turn it is. */
  sendData(streamId: number, payload: Uint8Array): void {
    if (this.#isStopped) return;
    const header = encodeHeader(FRAME.data, 0, streamId, payload.byteLength);
    if (!this.#transport.write(header, payload)) this.#isBlocked = true;
    if (!this.#isGathering) return;
    if (payload.byteLength > GATHERED_PAYLOAD_BYTES) this.#letGo();
    // The payload may be lent for the length of a read, and is sent after it.
    else keepReadMemory();
  }

  /**
   * Hands a control frame to the transport even when that is full: the transport's queue is bounded by payload we stop
   * writing, and by this method's own bound for peers that ask for answers without reading them.
   *
   * @throws ProtocolError `control_flood` at that bound.
   */
  sendControl(type: number, flags: number, streamId: number, length: number): void {
    if (this.#isStopped) return;
    if (this.#isBlocked) {
      this.#blockedControlBytes += HEADER_BYTES;
      if (this.#blockedControlBytes > MUX_LIMITS.blockedControlBytes) {
        throw new ProtocolError("control_flood", "the peer does not read what it asks for");
      }
    }
    if (!this.#transport.write(encodeHeader(type, flags, streamId, length))) this.#isBlocked = true;
  }

  /**
   * Holds frames back to the end of this turn of the event loop, so that those of many datagrams become one system call.
   * Costs a frame no more than the rest of what the turn brings. A large frame ends it early. Idempotent within a turn.
   */
  gather(): void {
    if (this.#isGathering || this.#isStopped) return;
    this.#isGathering = true;
    this.#transport.cork?.();
    setImmediate(() => this.#letGo());
  }

  schedule(stream: MuxStream): void {
    if (stream.nextReady !== undefined || this.#isStopped) return;
    stream.nextReady = null;
    if (this.#last === null) this.#first = stream;
    else this.#last.nextReady = stream;
    this.#last = stream;
    if (!this.#isBlocked && !this.#isFlushing) this.#flush();
  }

  onDrain(): void {
    this.#isBlocked = false;
    this.#blockedControlBytes = 0;
    if (!this.#isFlushing) this.#flush();
  }

  #letGo(): void {
    if (!this.#isGathering) return;
    this.#isGathering = false;
    this.#transport.uncork?.();
  }

  #flush(): void {
    this.#isFlushing = true;
    this.#transport.cork?.();
    try {
      while (!this.#isBlocked) {
        const stream = this.#shift();
        if (stream === null) return;
        if (stream.sendOneFrame()) this.schedule(stream);
      }
    } finally {
      this.#transport.uncork?.();
      this.#isFlushing = false;
    }
  }

  #shift(): MuxStream | null {
    const stream = this.#first;
    if (stream === null) return null;
    this.#first = stream.nextReady ?? null;
    if (this.#first === null) this.#last = null;
    stream.nextReady = undefined;
    return stream;
  }
}
