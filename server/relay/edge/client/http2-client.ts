import { constants, type IncomingHttpHeaders, type ServerHttp2Stream } from "node:http2";
import type { Readable, Writable } from "node:stream";
import type { RawHeaders } from "../../headers/raw-headers.ts";
import { type AnswerHead, type ClientSide, hasAnswerBody } from "./client-side.ts";
import { fieldOf, toHeaderObject } from "./header-object.ts";

const { NGHTTP2_NO_ERROR } = constants;

/** Frames that wait for a connection, past which interim answers are left out. A choice. */
const FRAMES_WAITING_MAX = 64;

/** A request that came as a stream of HTTP/2. */
export class Http2Client implements ClientSide {
  readonly version = "2";
  readonly method: string;
  readonly authority: string;
  readonly target: string;
  readonly rawTarget: string;
  readonly headers: RawHeaders;
  readonly body: Readable | null;
  readonly peerAddress: string;
  readonly peerPort: number;
  readonly #stream: ServerHttp2Stream;
  readonly #fields: IncomingHttpHeaders;
  #bodyTrailers: RawHeaders = [];
  #isAnswered = false;
  #hasTrailers = false;
  #trailers: RawHeaders = [];

  /** @param isEnded the head ended the stream: there is no body. */
  constructor(
    stream: ServerHttp2Stream,
    head: { readonly fields: IncomingHttpHeaders; readonly raw: RawHeaders; isEnded: boolean },
  ) {
    this.#stream = stream;
    this.#fields = head.fields;
    this.method = head.fields[":method"] ?? "GET";
    this.authority = head.fields[":authority"] ?? head.fields.host ?? "";
    this.target = head.fields[":path"] ?? "/";
    this.rawTarget = this.target;
    this.headers = head.raw;
    this.body = head.isEnded ? null : stream;
    const { socket } = stream.session ?? {};
    this.peerAddress = socket?.remoteAddress ?? "";
    this.peerPort = socket?.remotePort ?? 0;
    stream.on("error", () => {
      // A stream that breaks closes, and that is heard.
    });
    stream.on("trailers", (_fields, _flags, raw: RawHeaders) => {
      this.#bodyTrailers = raw;
    });
    stream.on("wantTrailers", () => stream.sendTrailers(toHeaderObject(this.#trailers)));
  }

  header(name: string): string | undefined {
    return fieldOf(this.#fields, name);
  }

  bodyTrailers(): RawHeaders {
    return this.#bodyTrailers;
  }

  inform(status: number, headers: RawHeaders): void {
    if (this.#isAnswered || this.#stream.closed || status === 101) return;
    // Hints may be lost where the client does not read.
    const { outboundQueueSize = 0 } = this.#stream.session?.state ?? {};
    if (outboundQueueSize > FRAMES_WAITING_MAX) return;
    this.#stream.additionalHeaders({ ...toHeaderObject(headers), ":status": status });
  }

  respond({ status, headers, isEmpty, mayHaveTrailers }: AnswerHead): Writable | null {
    const stream = this.#stream;
    if (stream.closed || stream.headersSent) return null;
    this.#isAnswered = true;
    const endStream = isEmpty || !hasAnswerBody(this.method, status);
    this.#hasTrailers = mayHaveTrailers && !endStream;
    stream.respond(
      { ...toHeaderObject(headers), ":status": status },
      { endStream, waitForTrailers: this.#hasTrailers },
    );
    return endStream ? null : stream;
  }

  flush(): void {
    // HTTP/2 sends heads at once.
  }

  finish(trailers: RawHeaders): void {
    if (this.#hasTrailers) this.#trailers = trailers;
    if (!this.#stream.writableEnded) this.#stream.end();
  }

  abort(): void {
    // `close` would end the body in order first, and the client take it for whole.
    if (!this.#stream.closed) this.#stream.destroy(new Error("the answer is broken off"));
  }

  onClose(listener: (isWhole: boolean) => void): void {
    const stream = this.#stream;
    stream.once("close", () =>
      listener(stream.rstCode === NGHTTP2_NO_ERROR && stream.writableFinished),
    );
  }
}
