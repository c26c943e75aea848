import type { Readable, Writable } from "node:stream";
import type { EdgeErrorCode } from "#protocol/api/http-figures.ts";
import type { ReceivedProtocol } from "../headers/to-backend-headers.ts";
import type { RawHeaders } from "../../headers/raw-headers.ts";

/** A request as a backend gets it. */
export interface BackendRequest {
  readonly method: string;
  /** For HTTP/1.1 among the headers, too. */
  readonly authority: string;
  readonly target: string;
  readonly headers: RawHeaders;
  readonly hasBody: boolean;
  /** Its length is among the headers. */
  readonly isSized: boolean;
  /** The client said that trailers may follow the body. */
  readonly mayHaveTrailers: boolean;
}

/** The head of what a backend answers. */
export interface BackendAnswer {
  readonly version: ReceivedProtocol;
  readonly status: number;
  readonly headers: RawHeaders;
  readonly body: Readable;
  readonly isEmpty: boolean;
  readonly mayHaveTrailers: boolean;
  /** What followed the body; to be asked after its end. */
  trailers(): RawHeaders;
}

/** Why there is no answer, or not all of it. */
export interface BackendFailure {
  readonly code: EdgeErrorCode;
  /** Plain words; null when there is nothing to add. */
  readonly detail: string | null;
  /** Not a byte of the request reached a service, so that another may be asked. */
  readonly isUnsent: boolean;
  /** A kept connection that the service was about to close: an idempotent request may be sent again. */
  readonly isStale: boolean;
}

/** How a request fares. Exactly one of `onAnswer` and `onFailure` comes first; a failure may follow the answer. */
export interface BackendEvents {
  /** A connection carries the request: its body may flow. */
  onReady(): void;
  /** An interim answer (1xx). */
  onInform(status: number, headers: RawHeaders): void;
  onAnswer(answer: BackendAnswer): void;
  onFailure(failure: BackendFailure): void;
}

/** One attempt at a backend. */
export interface BackendExchange {
  /** Where the request's body goes, once ready. */
  readonly body: Writable;
  /** Ends the request, after its body. */
  finish(trailers: RawHeaders): void;
  /** Sends the head at once, without waiting for the first byte of the body. */
  flush(): void;
  /** Nobody waits for it any more. Nothing is called afterwards. Idempotent. */
  cancel(): void;
}
