import { createHash } from "node:crypto";
import type { MuxSession } from "../session/mux-session.ts";
import type { MuxStreamEnd, MuxStreamHandler, MuxStreamPort } from "../stream/mux-stream-port.ts";
import { hashOfPattern, PatternSource } from "./pattern.ts";

const HASH_BYTES = 32;

/** Writes a pattern as fast as the stream takes it. */
class PatternWriter {
  readonly #stream: MuxStreamPort;
  readonly #source: PatternSource;
  readonly #onDone: () => void;
  #isDone = false;

  constructor(stream: MuxStreamPort, source: PatternSource, onDone: () => void) {
    this.#stream = stream;
    this.#source = source;
    this.#onDone = onDone;
  }

  pump(): void {
    while (!this.#isDone) {
      const piece = this.#source.next();
      if (piece === undefined) {
        this.#isDone = true;
        return this.#onDone();
      }
      if (!this.#stream.write(piece)) return;
    }
  }
}

/** Sends back what comes, returning credit as it is taken. */
class EchoHandler implements MuxStreamHandler {
  readonly #stream: MuxStreamPort;
  #unconsumedBytes = 0;

  constructor(stream: MuxStreamPort) {
    this.#stream = stream;
  }

  onData(chunk: Uint8Array): void {
    this.#unconsumedBytes += chunk.byteLength;
    if (this.#stream.write(chunk)) this.onDrain();
  }

  onDrain(): void {
    this.#stream.consume(this.#unconsumedBytes);
    this.#unconsumedBytes = 0;
  }

  onBatchEnd(): void {}

  onEnd(): void {
    this.#stream.end();
  }

  onClose(): void {}
}

class DuplexHandler implements MuxStreamHandler {
  readonly #stream: MuxStreamPort;
  readonly #hash = createHash("sha256");
  readonly #writer: PatternWriter;
  #openHalves = 2;

  constructor(stream: MuxStreamPort, bytes: number, seed: number) {
    this.#stream = stream;
    this.#writer = new PatternWriter(stream, new PatternSource(bytes, seed), () => this.#finish());
  }

  start(): void {
    this.#writer.pump();
  }

  onData(chunk: Uint8Array): void {
    this.#hash.update(chunk);
    this.#stream.consume(chunk.byteLength);
  }

  onDrain(): void {
    this.#writer.pump();
  }

  onBatchEnd(): void {}

  onEnd(): void {
    this.#finish();
  }

  onClose(): void {}

  #finish(): void {
    this.#openHalves -= 1;
    if (this.#openHalves > 0) return;
    this.#stream.write(this.#hash.digest());
    this.#stream.end();
  }
}

/** Reads the first line, then hands the stream to whoever serves that verb. */
class VerbHandler implements MuxStreamHandler {
  readonly #stream: MuxStreamPort;
  #line = "";

  constructor(stream: MuxStreamPort) {
    this.#stream = stream;
  }

  onData(chunk: Uint8Array): void {
    const at = chunk.indexOf(10);
    const used = at === -1 ? chunk.byteLength : at + 1;
    this.#line += Buffer.from(chunk.subarray(0, used)).toString();
    this.#stream.consume(used);
    if (at === -1) return;
    const [verb = "", bytes, seed] = this.#line.trim().split(" ");
    this.#serve(verb, chunk.subarray(used), [Number(bytes), Number(seed)]);
  }

  onBatchEnd(): void {}
  onEnd(): void {}
  onDrain(): void {}
  onClose(): void {}

  #serve(verb: string, rest: Uint8Array, [bytes, seed]: readonly [number, number]): void {
    const stream = this.#stream;
    switch (verb) {
      case "echo": {
        const handler = new EchoHandler(stream);
        if (rest.byteLength > 0) handler.onData(rest);
        return stream.bind(handler);
      }
      case "duplex": {
        const handler = new DuplexHandler(stream, bytes, seed);
        if (rest.byteLength > 0) handler.onData(rest);
        handler.start();
        return stream.bind(handler);
      }
      case "reset":
        return stream.reset();
      default:
        // "stall": nothing is ever read again.
        return;
    }
  }
}

/** Serves a stream by the first line it brings: `echo`, `duplex N SEED`, `reset` or `stall`. */
export function serveStream(stream: MuxStreamPort): void {
  stream.bind(new VerbHandler(stream));
}

/** Collects a stream while it writes a pattern into it. */
class PatternClient implements MuxStreamHandler {
  readonly #stream: MuxStreamPort;
  readonly #writer: PatternWriter;
  readonly #onChunk: (chunk: Uint8Array) => void;
  readonly #onClose: (why: MuxStreamEnd) => void;

  constructor(
    stream: MuxStreamPort,
    source: PatternSource,
    onChunk: (chunk: Uint8Array) => void,
    onClose: (why: MuxStreamEnd) => void,
  ) {
    this.#stream = stream;
    this.#onChunk = onChunk;
    this.#onClose = onClose;
    this.#writer = new PatternWriter(stream, source, () => stream.end());
  }

  start(firstLine: string): void {
    this.#stream.write(Buffer.from(firstLine));
    this.#writer.pump();
    this.#stream.bind(this);
  }

  onData(chunk: Uint8Array): void {
    this.#onChunk(chunk);
    this.#stream.consume(chunk.byteLength);
  }

  onDrain(): void {
    this.#writer.pump();
  }

  onBatchEnd(): void {}
  onEnd(): void {}

  onClose(why: MuxStreamEnd): void {
    this.#onClose(why);
  }
}

/** Sends a pattern through an `echo` service and checks what comes back. */
export function useEcho(session: MuxSession, bytes: number, seed: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const stream = session.openStream();
    const hash = createHash("sha256");
    const finish = (why: MuxStreamEnd): void => {
      const isSame = hash.digest("hex") === hashOfPattern(bytes, seed);
      if (why === "ended" && isSame) resolve();
      else reject(new Error(`echo on stream ${stream.id}: ${why}, same bytes: ${isSame}`));
    };
    const source = new PatternSource(bytes, seed);
    new PatternClient(stream, source, (chunk) => hash.update(chunk), finish).start("echo\n");
  });
}

/** Sends a pattern while it receives another, then compares both sums. */
export function useDuplex(session: MuxSession, bytes: number, seed: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const stream = session.openStream();
    const hash = createHash("sha256");
    const digest: Uint8Array[] = [];
    let left = bytes;
    const onChunk = (chunk: Uint8Array): void => {
      const ours = chunk.subarray(0, left);
      left -= ours.byteLength;
      hash.update(ours);
      if (ours.byteLength < chunk.byteLength) digest.push(chunk.subarray(ours.byteLength));
    };
    const finish = (why: MuxStreamEnd): void => {
      const received = hash.digest("hex") === hashOfPattern(bytes, seed + 1);
      const theirs = Buffer.concat(digest);
      const sent =
        theirs.byteLength === HASH_BYTES && theirs.toString("hex") === hashOfPattern(bytes, seed);
      if (why === "ended" && received && sent) resolve();
      else reject(new Error(`duplex on ${stream.id}: ${why}, in: ${received}, out: ${sent}`));
    };
    const client = new PatternClient(stream, new PatternSource(bytes, seed), onChunk, finish);
    client.start(`duplex ${bytes} ${seed + 1}\n`);
  });
}

/** Runs `count` pieces of work, `parallel` at a time. */
export async function inParallel(
  count: number,
  parallel: number,
  work: (index: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < count) {
      const index = next;
      next += 1;
      await work(index);
    }
  };
  await Promise.all(Array.from({ length: Math.min(count, parallel) }, worker));
}
