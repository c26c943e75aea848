import type { MuxStreamEnd, MuxStreamHandler, MuxStreamPort } from "../stream/mux-stream-port.ts";

/** A stream's user that writes down what it is told, in order. */
export class StreamRecorder implements MuxStreamHandler {
  /** "data", "batch", "end", "drain" and "close:…", with runs of data folded into one. */
  readonly calls: string[] = [];
  readonly chunks: Uint8Array[] = [];
  end: MuxStreamEnd | undefined;
  hasEnded = false;
  /** False: bytes are kept without returning credit. */
  consumes: boolean;
  onEach: ((what: string) => void) | undefined;
  readonly #stream: MuxStreamPort;
  #heldBytes = 0;

  constructor(stream: MuxStreamPort, consumes = true) {
    this.#stream = stream;
    this.consumes = consumes;
    stream.bind(this);
  }

  get bytes(): Buffer {
    return Buffer.concat(this.chunks);
  }

  get text(): string {
    return this.bytes.toString();
  }

  /** Returns the credit of everything kept so far, and consumes from now on. */
  release(): void {
    this.consumes = true;
    const held = this.#heldBytes;
    this.#heldBytes = 0;
    this.#stream.consume(held);
  }

  onData(chunk: Uint8Array): void {
    this.chunks.push(chunk);
    if (this.consumes) this.#stream.consume(chunk.byteLength);
    else this.#heldBytes += chunk.byteLength;
    this.#note("data");
  }

  onBatchEnd(): void {
    this.#note("batch");
  }

  onEnd(): void {
    this.hasEnded = true;
    this.#note("end");
  }

  onDrain(): void {
    this.#note("drain");
  }

  onClose(why: MuxStreamEnd): void {
    this.end = why;
    this.#note(`close:${why}`);
  }

  #note(what: string): void {
    if (this.calls.at(-1) !== what) this.calls.push(what);
    this.onEach?.(what);
  }
}
