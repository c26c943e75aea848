import {
  type ClientHttp2Stream,
  constants,
  type IncomingHttpHeaders,
  type IncomingHttpStatusHeader,
} from "node:http2";
import { PassThrough, type Writable } from "node:stream";
import type { RawHeaders } from "../../headers/raw-headers.ts";
import { toHeaderObject, withoutPseudo } from "../client/header-object.ts";
import { HEADER_BYTES_MAX } from "../edge-port-user.ts";
import { findAnswerFault, toFaultText } from "../headers/find-answer-fault.ts";
import { headBytesOf } from "../headers/head-bytes.ts";
import type {
  BackendEvents,
  BackendExchange,
  BackendFailure,
  BackendRequest,
} from "./backend-side.ts";
import { DialError, type Dialed, type DialWish } from "./dial-backend.ts";
import type { Http2Sessions, Http2Way } from "./http2-sessions.ts";

const { NGHTTP2_FLAG_END_STREAM, NGHTTP2_REFUSED_STREAM, NGHTTP2_NO_ERROR } = constants;

export interface Http2Attempt {
  readonly sessions: Http2Sessions;
  /** Tells backends apart. */
  readonly name: string;
  readonly wish: DialWish;
  readonly request: BackendRequest;
  readonly events: BackendEvents & { onWay(way: Dialed): void };
}

/** Asks a backend by HTTP/2 with prior knowledge (h2c): gRPC, and what a Service's appProtocol says. */
export function startHttp2(attempt: Http2Attempt): BackendExchange {
  return new Http2Exchange(attempt);
}

class Http2Exchange implements BackendExchange {
  readonly #attempt: Http2Attempt;
  /** Resets the stream with CANCEL. `close` would end the body in order first, and the service take it for whole. */
  readonly #abort = new AbortController();
  #stream: ClientHttp2Stream | null = null;
  #isOver = false;
  #isAnswered = false;
  #trailers: RawHeaders = [];
  #requestTrailers: RawHeaders = [];

  constructor(attempt: Http2Attempt) {
    this.#attempt = attempt;
    void this.#start();
  }

  /** Only asked for once ready. */
  get body(): Writable {
    return this.#stream ?? new PassThrough();
  }

  finish(trailers: RawHeaders): void {
    this.#requestTrailers = trailers;
    this.#stream?.end();
  }

  flush(): void {
    // HTTP/2 sends heads at once.
  }

  cancel(): void {
    this.#isOver = true;
    this.#abort.abort();
  }

  async #start(): Promise<void> {
    const { sessions, name, wish } = this.#attempt;
    let way: Http2Way & { giveBack: () => void };
    try {
      way = await sessions.lend(name, wish);
    } catch (error) {
      return this.#fail(fromDial(error));
    }
    if (this.#isOver) return way.giveBack();
    try {
      this.#open(way);
    } catch {
      // The session ended in between.
      way.giveBack();
      this.#fail({ ...BROKEN, isUnsent: true, isStale: true });
    }
  }

  #open({ session, dialed, giveBack }: Http2Way & { giveBack: () => void }): void {
    const { request, events } = this.#attempt;
    const stream = session.request(
      {
        ...toHeaderObject(request.headers),
        ":method": request.method,
        ":scheme": "http",
        ":authority": request.authority,
        ":path": request.target,
      },
      {
        endStream: !request.hasBody,
        waitForTrailers: request.mayHaveTrailers,
        signal: this.#abort.signal,
      },
    );
    this.#stream = stream;
    stream.on("wantTrailers", () => stream.sendTrailers(toHeaderObject(this.#requestTrailers)));
    stream.on(
      "headers",
      (fields: IncomingHttpHeaders & IncomingHttpStatusHeader, _flags, raw: RawHeaders) => {
        if (this.#isTooLarge(raw)) return;
        this.#tell(() => events.onInform(Number(fields[":status"]), withoutPseudo(raw)));
      },
    );
    stream.on("response", (fields, flags, raw) => this.#onAnswer(stream, fields, { flags, raw }));
    stream.on("trailers", (_fields, _flags, raw: RawHeaders) => {
      if (!this.#isTooLarge(raw)) this.#trailers = raw;
    });
    stream.on("error", () => {
      // It closes next, with the code.
    });
    stream.on("close", () => {
      giveBack();
      this.#onClose(stream);
    });
    events.onWay(dialed);
    events.onReady();
  }

  #onAnswer(
    stream: ClientHttp2Stream,
    fields: IncomingHttpHeaders & IncomingHttpStatusHeader,
    { flags, raw }: { flags: number; raw: RawHeaders },
  ): void {
    this.#isAnswered = true;
    if (this.#isTooLarge(raw)) return;
    const status = Number(fields[":status"]);
    const fault = findAnswerFault({ version: "2", status, rawHeaders: raw });
    if (fault !== null) return this.#refuse(fault);
    this.#tell(() =>
      this.#attempt.events.onAnswer({
        version: "2",
        status,
        headers: withoutPseudo(raw),
        body: stream,
        isEmpty: (flags & NGHTTP2_FLAG_END_STREAM) !== 0,
        mayHaveTrailers: true,
        trailers: () => this.#trailers,
      }),
    );
  }

  /** The bound of the settings need not be kept, and Node's own is twice as much. */
  #isTooLarge(raw: RawHeaders): boolean {
    const isTooLarge = headBytesOf(raw) > HEADER_BYTES_MAX;
    if (isTooLarge) this.#refuse("its fields are too large");
    return isTooLarge;
  }

  #refuse(fault: string): void {
    this.#fail({ ...BROKEN, detail: toFaultText(fault), isUnsent: false, isStale: false });
    this.#abort.abort();
  }

  #onClose({ rstCode, readableEnded }: ClientHttp2Stream): void {
    if (this.#isAnswered && rstCode === NGHTTP2_NO_ERROR && readableEnded) return;
    const isRefused = rstCode === NGHTTP2_REFUSED_STREAM;
    this.#fail({ ...BROKEN, isUnsent: isRefused, isStale: false });
  }

  #fail(failure: BackendFailure): void {
    this.#tell(() => {
      this.#isOver = true;
      this.#attempt.events.onFailure(failure);
    });
  }

  #tell(tell: () => void): void {
    if (!this.#isOver) tell();
  }
}

const BROKEN = {
  code: "backend_failed",
  detail: "It closed the connection without an answer.",
} as const;

function fromDial(error: unknown): BackendFailure {
  if (!(error instanceof DialError)) throw error;
  return { code: error.code, detail: error.detail, isUnsent: true, isStale: false };
}
