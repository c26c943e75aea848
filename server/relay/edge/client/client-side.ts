import type { Readable, Writable } from "node:stream";
import type { RawHeaders } from "../../headers/raw-headers.ts";

/** The head of an answer. */
export interface AnswerHead {
  readonly status: number;
  readonly headers: RawHeaders;
  /** No byte of a body and no trailer follows. */
  readonly isEmpty: boolean;
  /** Trailers may follow the body. */
  readonly mayHaveTrailers: boolean;
}

/** One request as its client sees it, whatever version of HTTP it speaks. */
export interface ClientSide {
  readonly version: "1.0" | "1.1" | "2";
  readonly method: string;
  /** `Host`, or `:authority`; empty when there was none. */
  readonly authority: string;
  /** Path and query, as sent; `*` for the server as a whole. */
  readonly target: string;
  /** The target as it stands in the request line: perhaps with scheme and host. */
  readonly rawTarget: string;
  /** As they came; over HTTP/2 with the pseudo-header fields. */
  readonly headers: RawHeaders;
  /** Null when the request has no body. */
  readonly body: Readable | null;
  /** Address of the peer, without port. */
  readonly peerAddress: string;
  readonly peerPort: number;
  /** @param name lower case. Several of one name are joined by `, `. */
  header(name: string): string | undefined;
  /** What followed the body; to be asked after its end. */
  bodyTrailers(): RawHeaders;
  /** Sends an interim answer (1xx), where the client's version knows them. */
  inform(status: number, headers: RawHeaders): void;
  /** Sends the head. Call once. @returns where the body goes; null when none may follow. */
  respond(head: AnswerHead): Writable | null;
  /** Sends the head at once, without waiting for the first byte of the body. Idempotent. */
  flush(): void;
  /** Ends the answer, after its body. */
  finish(trailers: RawHeaders): void;
  /** Cuts the answer short, so that the client can tell. Idempotent. */
  abort(): void;
  /** Calls back once when the exchange is over for the client. @param isWhole false when it did not get the whole answer. */
  onClose(listener: (isWhole: boolean) => void): void;
}

/** Whether a body may follow the head of an answer (RFC 9112 section 6.3). */
export function hasAnswerBody(method: string, status: number): boolean {
  return method !== "HEAD" && status !== 204 && status !== 304;
}
