import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Http2Server } from "node:http2";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { BindOptions, OpenPort } from "../listeners/port-listener.ts";
import { toEdgeAnswer } from "./answers/edge-answer.ts";
import { refuseConnection } from "./answers/refuse-connection.ts";
import { hasBody, Http1Client } from "./client/http1-client.ts";
import { UpgradeClient } from "./client/upgrade-client.ts";
import { type EdgePortUser, HEADER_BYTES_MAX } from "./edge-port-user.ts";
import { createHttp2 } from "./http2-server.ts";
import { sniffProtocol } from "./sniff-protocol.ts";

/** Sockets of clients, within the open-file limit of a usual system. A choice. */
const CONNECTIONS_MAX = 16_000;
/** Clients the kernel holds for us while we are busy; it caps this at its own bound. */
const BACKLOG = 4_096;
/** From the first byte of a request to the end of its head; between requests; milliseconds. */
const HEADERS_TIMEOUT_MS = 15_000;
const KEEP_ALIVE_MS = 65_000;
const CHECK_INTERVAL_MS = 5_000;
/** TCP keep-alive, milliseconds: REQUIREMENTS B13. */
const TCP_KEEP_ALIVE_MS = 30_000;
/** Upgrades of HTTP itself are none: passed on, they would let a client speak past every rule (RFC 9113 does without them). */
const NOT_PASSED_ON = /(?:^|,)\s*(?:h2c?|http\/|tls\/)/i;

/**
 * Whether another protocol is to follow the head. RFC 9110 section 7.8 lets a server go on with HTTP instead, which is all
 * that HTTP/1.0 and a request with a body get: after a body nobody could tell where the other protocol begins.
 */
function isUpgrade(request: IncomingMessage): boolean {
  const { upgrade } = request.headers;
  if (upgrade === undefined || NOT_PASSED_ON.test(upgrade)) return false;
  return request.httpVersion === "1.1" && !hasBody(request);
}

/** Binds the edge: HTTP/1.1 and HTTP/2 with prior knowledge on one port. @throws the system's error. */
export function bindEdgePort(options: BindOptions, user: EdgePortUser): Promise<OpenPort> {
  const http2 = createHttp2(user);
  const http1 = createHttp1(user);
  serveBoth(http1, http2);
  const { host, port, reusePort, onBroken } = options;
  return new Promise((resolve, reject) => {
    http1.once("error", reject);
    http1.listen({ host, port, reusePort, backlog: BACKLOG }, () => {
      http1.removeListener("error", reject);
      http1.on("error", onBroken);
      resolve({ stop: () => stop(http1, http2) });
    });
  });
}

function createHttp1(user: EdgePortUser): Server {
  const server = createServer({
    maxHeaderSize: HEADER_BYTES_MAX,
    headersTimeout: HEADERS_TIMEOUT_MS,
    // Bodies take as long as they take; those that stand still are seen by the table of exchanges.
    requestTimeout: 0,
    keepAliveTimeout: KEEP_ALIVE_MS,
    connectionsCheckingInterval: CHECK_INTERVAL_MS,
    keepAlive: true,
    keepAliveInitialDelay: TCP_KEEP_ALIVE_MS,
    noDelay: true,
    shouldUpgradeCallback: isUpgrade,
  });
  server.maxConnections = CONNECTIONS_MAX;
  // Fields past Node's bound would be dropped silently; the head's bound in bytes holds, and too many are refused.
  server.maxHeadersCount = 0;
  const onRequest = (request: IncomingMessage, response: ServerResponse): void => {
    if (request.httpVersionMajor === 1) user.onRequest(new Http1Client(request, response));
    else refuseVersion(request, response, user);
  };
  server.on("request", onRequest);
  server.on("checkContinue", onRequest);
  // Any other expectation: RFC 9110 lets it be ignored by who does not know it.
  server.on("checkExpectation", onRequest);
  // Neither can be answered before the requests that it did not wait for.
  server.on("upgrade", (request: IncomingMessage, socket: Duplex, early: Buffer) => {
    if (isAnswering(socket)) socket.destroy();
    else user.onUpgrade(new UpgradeClient(request, socket, early));
  });
  server.on("connect", (_request: IncomingMessage, socket: Duplex) => {
    if (isAnswering(socket)) socket.destroy();
    else refuseConnection(socket, "connect_refused");
  });
  server.on("clientError", (error: Error & { code?: string }, socket: Duplex) => {
    const peer = (socket as Socket).remoteAddress ?? "";
    if (error.code?.startsWith("HPE_") === true) user.onMalformed(error.code, peer);
    refuseMalformed(error.code ?? "", socket);
  });
  return server;
}

/** Node's parser reads request lines of HTTP/0.9 and 2.0, too, whose messages end where others do not. */
function refuseVersion(
  { method = "GET", headers, socket }: IncomingMessage,
  response: ServerResponse,
  user: EdgePortUser,
): void {
  user.onMalformed("the version of HTTP is not served", socket.remoteAddress ?? "");
  const answer = toEdgeAnswer({
    code: "bad_request",
    detail: "This version of HTTP is not served.",
    requestId: randomUUID(),
    accept: headers.accept,
    method,
  });
  response.writeHead(answer.status, [...answer.headers, "Connection", "close"]).end(answer.body);
}

function refuseMalformed(code: string, socket: Duplex): void {
  if (!socket.writable || code === "ECONNRESET" || isAnswering(socket))
    return void socket.destroy();
  if (code === "ERR_HTTP_REQUEST_TIMEOUT") return refuseConnection(socket, "request_timeout");
  if (code === "HPE_HEADER_OVERFLOW") return refuseConnection(socket, "header_too_large");
  refuseConnection(socket, "bad_request");
}

/**
 * Whether the client would take an answer of ours for that to an earlier request, or for a part of it. Node keeps the
 * answer that a connection is busy with in a field of the socket.
 */
function isAnswering(socket: Duplex): boolean {
  const { _httpMessage: message } = socket as { _httpMessage?: ServerResponse | null };
  if (message === null || message === undefined) return false;
  return message.headersSent || message.req.complete;
}

/**
 * Lets one port serve both. The HTTP/1 server is the one that listens, so that its own time-outs watch what it is given.
 */
function serveBoth(http1: Server, http2: Http2Server): void {
  const serveHttp1 = http1.listeners("connection");
  http1.removeAllListeners("connection");
  http1.on("connection", (socket: Socket) => {
    sniffProtocol(socket, (protocol) => {
      if (protocol === "h2c") {
        // A server of HTTP/1 lets clients hang up half, which for HTTP/2 is the whole; nobody else would notice.
        socket.allowHalfOpen = false;
        http2.emit("connection", socket);
      } else for (const serve of serveHttp1) serve.call(http1, socket);
    });
  });
}

/** Takes nothing new. Requests in flight end by themselves; connections without one are closed. */
function stop(http1: Server, http2: Http2Server): void {
  http1.close();
  http1.closeIdleConnections();
  http2.close();
}
