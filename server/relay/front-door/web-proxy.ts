import {
  type ClientRequest,
  type IncomingMessage,
  type ServerResponse,
  request as httpRequest,
  STATUS_CODES,
} from "node:http";
import { type Duplex, pipeline } from "node:stream";
import type { Forwarded } from "../headers/forwarded-headers.ts";
import { toWebHeaders, toPassedOn } from "./proxy-headers.ts";
import { toUnavailable } from "./unavailable-page.ts";

/** Passes requests and upgrades on to the web process over its unix socket, streaming both ways. */
export class WebProxy {
  readonly #socketPath: string;

  constructor(socketPath: string) {
    this.#socketPath = socketPath;
  }

  /** Passes a request on; answers 503 when the web process is away. */
  passRequest(request: IncomingMessage, response: ServerResponse, forwarded: Forwarded): void {
    const upstream = this.#open(request, [
      ...toWebHeaders(request.rawHeaders, forwarded),
      // We hang up, after the answer. A web process that did could be gone before our last, empty write, which then
      // fails with EPIPE on a unix socket and takes the unread answer with it.
      ...["Connection", "keep-alive"],
    ]);
    upstream.on("response", (answer) => {
      response.writeHead(
        answer.statusCode ?? 502,
        answer.statusMessage ?? "",
        toPassedOn(answer.rawHeaders),
      );
      // Server-sent events and streamed pages must not wait for the first chunk of their body.
      response.flushHeaders();
      pipeline(answer, response, () => {
        // Either side going away ends the other; there is nobody to tell.
      });
    });
    upstream.on("error", () => {
      if (response.headersSent) return response.destroy();
      const { status, headers, body } = toUnavailable(request.headers.accept);
      response.writeHead(status, headers).end(request.method === "HEAD" ? "" : body);
    });
    response.on("close", () => {
      if (!response.writableFinished) upstream.destroy();
    });
    sendBody(request, upstream);
  }

  /** Passes an upgrade on and connects both sockets once it is granted. */
  passUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer, forwarded: Forwarded): void {
    const upstream = this.#open(request, [
      ...toWebHeaders(request.rawHeaders, forwarded),
      "Connection",
      "Upgrade",
      "Upgrade",
      request.headers.upgrade ?? "",
    ]);
    socket.on("error", () => upstream.destroy());
    socket.on("close", () => upstream.destroy());
    upstream.on("upgrade", (answer, webSocket, webHead) => {
      socket.write(
        toHead(answer, ["Connection", "Upgrade", "Upgrade", answer.headers.upgrade ?? ""]),
      );
      if (webHead.byteLength > 0) socket.write(webHead);
      if (head.byteLength > 0) webSocket.write(head);
      webSocket.on("error", () => socket.destroy());
      join(socket, webSocket);
    });
    upstream.on("response", (answer) => {
      socket.write(toHead(answer, ["Connection", "close"]));
      pipeline(answer, socket, () => {
        // The client went away before it read why it was refused.
      });
    });
    upstream.on("error", () => {
      if (socket.destroyed || !socket.writable) return;
      const { status, headers, body } = toUnavailable(request.headers.accept);
      const lines = Object.entries({ ...headers, Connection: "close" });
      const text = lines.map(([name, value]) => `${name}: ${value}\r\n`).join("");
      socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ""}\r\n${text}\r\n${body}`);
    });
    upstream.end();
  }

  /** Asks the web process itself, for `/readyz`. @returns the status, null when it does not answer in time. */
  ask(path: string, timeoutMs: number): Promise<number | null> {
    return new Promise((resolve) => {
      const upstream = httpRequest({
        socketPath: this.#socketPath,
        path,
        agent: false,
        timeout: timeoutMs,
      });
      upstream.on("response", (answer) => {
        answer.resume();
        resolve(answer.statusCode ?? null);
      });
      upstream.on("timeout", () => upstream.destroy());
      upstream.on("error", () => resolve(null));
      upstream.on("close", () => resolve(null));
      upstream.end();
    });
  }

  #open(request: IncomingMessage, headers: string[]): ClientRequest {
    return httpRequest({
      socketPath: this.#socketPath,
      method: request.method,
      path: request.url,
      headers,
      setHost: false,
      // Connecting to a unix socket costs little, and a pooled one may belong to a web process that is gone.
      agent: false,
    });
  }
}

function sendBody(request: IncomingMessage, upstream: ClientRequest): void {
  const { headers } = request;
  const hasBody =
    headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0;
  if (!hasBody) {
    upstream.end();
    return;
  }
  pipeline(request, upstream, () => {
    // A failure shows on the upstream request, or the client is gone.
  });
}

function toHead(answer: IncomingMessage, extra: readonly string[]): string {
  const headers = [...toPassedOn(answer.rawHeaders), ...extra];
  const lines = [`HTTP/1.1 ${answer.statusCode ?? 502} ${answer.statusMessage ?? ""}`];
  for (let i = 0; i + 1 < headers.length; i += 2) lines.push(`${headers[i]}: ${headers[i + 1]}`);
  return `${lines.join("\r\n")}\r\n\r\n`;
}

function join(a: Duplex, b: Duplex): void {
  a.pipe(b);
  b.pipe(a);
  a.on("close", () => b.destroy());
  b.on("close", () => a.destroy());
}
