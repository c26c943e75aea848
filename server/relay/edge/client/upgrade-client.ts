import type { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import type { Duplex, Writable } from "node:stream";
import { resetSocket } from "#mux/socket/reset-socket.ts";
import type { RawHeaders } from "../../headers/raw-headers.ts";
import { hangUp } from "../answers/hang-up.ts";
import { toHeadText } from "../answers/head-text.ts";
import { type AnswerHead, type ClientSide, hasAnswerBody } from "./client-side.ts";
import { fieldOf } from "./header-object.ts";
import { splitTarget } from "./http1-client.ts";

/**
 * A request to speak another protocol on the connection (RFC 9110 section 7.8). Node hands over the socket, so that any other
 * answer is written by hand, and ends the connection.
 */
export class UpgradeClient implements ClientSide {
  readonly version = "1.1";
  readonly method: string;
  readonly authority: string;
  readonly target: string;
  readonly rawTarget: string;
  readonly headers: RawHeaders;
  readonly body = null;
  readonly peerAddress: string;
  readonly peerPort: number;
  /** What is asked for, as the client wrote it. */
  readonly protocol: string;
  readonly socket: Duplex;
  /** Bytes that followed the head. */
  readonly early: Uint8Array;
  readonly #request: IncomingMessage;
  #isHeadSent = false;
  #isWhole = false;
  /** The socket belongs to another protocol; whoever speaks it says when it is over. */
  #isHandedOver = false;
  readonly #onClose: ((isWhole: boolean) => void)[] = [];

  constructor(request: IncomingMessage, socket: Duplex, early: Uint8Array) {
    this.#request = request;
    this.socket = socket;
    this.early = early;
    this.method = request.method ?? "GET";
    this.rawTarget = request.url ?? "/";
    const { authority, target } = splitTarget(this.rawTarget);
    this.authority = authority ?? request.headers.host ?? "";
    this.target = target;
    this.headers = request.rawHeaders;
    this.protocol = request.headers.upgrade ?? "";
    this.peerAddress = socket instanceof Socket ? (socket.remoteAddress ?? "") : "";
    this.peerPort = socket instanceof Socket ? (socket.remotePort ?? 0) : 0;
    socket.on("error", () => {
      // It closes next, and that is heard.
    });
    socket.once("close", () => {
      if (!this.#isHandedOver) this.over(this.#isWhole);
    });
  }

  header(name: string): string | undefined {
    return fieldOf(this.#request.headers, name);
  }

  bodyTrailers(): RawHeaders {
    return [];
  }

  inform(): void {
    // Whoever asks to upgrade waits for 101 or a refusal.
  }

  respond({ status, headers, isEmpty }: AnswerHead): Writable | null {
    if (this.#isHeadSent || !this.socket.writable) return null;
    this.#isHeadSent = true;
    this.socket.write(toHeadText(status, [...headers, "Connection", "close"]), "latin1");
    if (!isEmpty && hasAnswerBody(this.method, status)) return this.socket;
    this.finish();
    return null;
  }

  /** Agrees: 101 goes out, and the socket belongs to the new protocol. */
  accept(headers: RawHeaders): void {
    this.#isHeadSent = true;
    this.#isHandedOver = true;
    this.socket.write(toHeadText(101, [...headers, "Connection", "Upgrade"]), "latin1");
  }

  flush(): void {
    // Heads go out at once.
  }

  finish(): void {
    this.#isWhole = true;
    hangUp(this.socket);
  }

  abort(): void {
    resetSocket(this.socket);
  }

  /** Both sides of the other protocol are over. Call once, after `accept`. */
  over(isWhole: boolean): void {
    for (const listener of this.#onClose) listener(isWhole);
  }

  onClose(listener: (isWhole: boolean) => void): void {
    this.#onClose.push(listener);
  }
}
