import type { IncomingMessage, ServerResponse } from "node:http";
import type { Readable, Writable } from "node:stream";
import { resetSocket } from "#mux/socket/reset-socket.ts";
import type { RawHeaders } from "../../headers/raw-headers.ts";
import { toHeadText } from "../answers/head-text.ts";
import { type AnswerHead, type ClientSide, hasAnswerBody } from "./client-side.ts";
import { fieldOf, toPairs } from "./header-object.ts";

const ignore = (): void => undefined;

/** A request that came by HTTP/1.1 or 1.0. */
export class Http1Client implements ClientSide {
  readonly version: "1.0" | "1.1";
  readonly method: string;
  readonly authority: string;
  readonly target: string;
  readonly rawTarget: string;
  readonly headers: RawHeaders;
  readonly body: Readable | null;
  readonly peerAddress: string;
  readonly peerPort: number;
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;

  constructor(request: IncomingMessage, response: ServerResponse) {
    this.#request = request;
    this.#response = response;
    this.version = request.httpVersionMinor === 0 ? "1.0" : "1.1";
    this.method = request.method ?? "GET";
    this.rawTarget = request.url ?? "/";
    const { authority, target } = splitTarget(this.rawTarget);
    this.authority = authority ?? request.headers.host ?? "";
    this.target = target;
    this.headers = request.rawHeaders;
    this.body = hasBody(request) ? request : null;
    this.peerAddress = request.socket.remoteAddress ?? "";
    this.peerPort = request.socket.remotePort ?? 0;
    // A client that goes away is seen by the close of the answer.
    request.on("error", ignore);
    response.on("error", ignore);
  }

  header(name: string): string | undefined {
    return fieldOf(this.#request.headers, name);
  }

  bodyTrailers(): RawHeaders {
    return this.#request.rawTrailers;
  }

  inform(status: number, headers: RawHeaders): void {
    const response = this.#response;
    const { socket } = response;
    if (this.version === "1.0" || response.headersSent || response.destroyed) return;
    // Hints may be lost where the client does not read.
    if (status === 101 || socket?.writableNeedDrain === true) return;
    if (status === 100) return response.writeContinue();
    // And where an earlier answer of the connection is still under way. Node's own way throws at some that RFC 8288 allows.
    if (socket === null) return;
    socket.write(toHeadText(status, headers), "latin1");
  }

  respond({ status, headers, isEmpty }: AnswerHead): Writable | null {
    const response = this.#response;
    if (response.destroyed) return null;
    response.writeHead(status, [...headers]);
    if (!isEmpty && hasAnswerBody(this.method, status)) return response;
    response.end();
    return null;
  }

  flush(): void {
    if (!this.#response.destroyed) this.#response.flushHeaders();
  }

  finish(trailers: RawHeaders): void {
    const response = this.#response;
    if (response.writableEnded || response.destroyed) return;
    if (trailers.length > 0) response.addTrailers(toPairs(trailers));
    response.end();
  }

  abort(): void {
    const { socket } = this.#response;
    // To clients of HTTP/1.0 an end in order would be that of the body.
    if (this.version === "1.0" && socket !== null) resetSocket(socket);
    this.#response.destroy();
  }

  onClose(listener: (isWhole: boolean) => void): void {
    const response = this.#response;
    response.on("close", () => listener(response.writableFinished));
  }
}

/** Both forms of a request target: `/path?query`, and `http://host/path?query` as proxies are asked. */
export function splitTarget(url: string): { authority: string | null; target: string } {
  const absolute = /^https?:\/\/([^/?#]*)(.*)$/i.exec(url);
  if (absolute === null) return { authority: null, target: url };
  const [, authority = "", rest = ""] = absolute;
  return { authority, target: rest.startsWith("/") ? rest : `/${rest}` };
}

export function hasBody(request: IncomingMessage): boolean {
  const { headers } = request;
  return headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0;
}
