import { randomBytes } from "node:crypto";
import { type ClientRequest, type IncomingMessage, request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { BlockList, isIPv6 } from "node:net";
import type { Duplex } from "node:stream";
import type { ConnectionOptions } from "node:tls";
import { adoptSocket } from "#mux/socket/large-read-socket.ts";
import { hasWebSocketUpgrade, toAcceptKey, WEB_SOCKET_VERSION } from "./handshake.ts";
import { WebSocketLink, type WebSocketLinkHandler } from "./web-socket-link.ts";

/** How much of a refusal's body is kept: enough for our error object, little enough for a stranger's page. */
const MAX_REFUSAL_BODY_BYTES = 8 * 1024;

export interface DialWebSocketOptions {
  /** `ws:`, `wss:`, `http:` or `https:`. */
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly handler: WebSocketLinkHandler;
  readonly maxTextBytes: number;
  readonly closeTimeoutMs: number;
  /** TCP keep-alive, milliseconds; 0 turns it off. */
  readonly keepAliveMs: number;
  /** From the look-up of the name to the 101. */
  readonly handshakeTimeoutMs: number;
  readonly signal?: AbortSignal;
  /** Certificates and the like, for `wss:`. */
  readonly tls?: ConnectionOptions;
}

/** How a dial ended; each failure is one that an operator does something else about. */
export type DialWebSocketResult =
  | { readonly kind: "connected"; readonly link: WebSocketLink }
  /** The server answered with an HTTP status of its own. */
  | {
      readonly kind: "refused";
      readonly status: number;
      /** `Retry-After` as given, or null. */
      readonly retryAfter: string | null;
      readonly body: string;
    }
  /** Something answered that does not speak WebSocket, or not to us. */
  | { readonly kind: "not_web_socket"; readonly message: string }
  | { readonly kind: "timeout" }
  | { readonly kind: "aborted" }
  /** The system or TLS said no. `code` is Node's: `ECONNREFUSED`, `ENOTFOUND`, `CERT_HAS_EXPIRED` …; "" when it has none. */
  | { readonly kind: "unreachable"; readonly code: string; readonly message: string };

/** Dials a WebSocket. Never rejects; whatever happens is in the result. Offers no extension and no subprotocol. */
export function dialWebSocket(options: DialWebSocketOptions): Promise<DialWebSocketResult> {
  const key = randomBytes(16).toString("base64");
  return new Promise((resolve) => {
    const request = startRequest(options, key);
    const settle = (result: DialWebSocketResult): void => {
      clearTimeout(timer);
      options.signal?.removeEventListener("abort", onAbort);
      if (result.kind !== "connected") request.destroy();
      resolve(result);
    };
    const onAbort = (): void => settle({ kind: "aborted" });
    const timer = setTimeout(() => settle({ kind: "timeout" }), options.handshakeTimeoutMs);
    request.on("error", (error) => settle(toUnreachable(error)));
    request.on("response", (response) => {
      void readRefusal(response).then(settle);
    });
    request.on("upgrade", (response, socket, head) => {
      const fault = findResponseFault(response, key);
      if (fault === null) {
        settle({ kind: "connected", link: createLink(options, socket, head) });
        return;
      }
      socket.destroy();
      settle({ kind: "not_web_socket", message: fault });
    });
    if (options.signal?.aborted === true) onAbort();
    else options.signal?.addEventListener("abort", onAbort, { once: true });
    request.end();
  });
}

function startRequest(options: DialWebSocketOptions, key: string): ClientRequest {
  const isTls = isSecure(options.url);
  const url = new URL(options.url);
  url.protocol = isTls ? "https:" : "http:";
  const requestOptions = {
    // One socket for this one request: a pool would keep hold of it.
    agent: false as const,
    headers: {
      ...options.headers,
      Connection: "Upgrade",
      Upgrade: "websocket",
      "Sec-WebSocket-Version": WEB_SOCKET_VERSION,
      "Sec-WebSocket-Key": key,
    },
  };
  return isTls
    ? httpsRequest(url, { ...options.tls, ...requestOptions })
    : httpRequest(url, requestOptions);
}

function isSecure(url: URL): boolean {
  return url.protocol === "wss:" || url.protocol === "https:";
}

function findResponseFault(response: IncomingMessage, key: string): string | null {
  if (response.statusCode !== 101) return `status ${response.statusCode ?? 0} with an upgrade`;
  if (!hasWebSocketUpgrade(response.headers)) return "the upgrade is to another protocol";
  if (response.headers["sec-websocket-accept"] !== toAcceptKey(key)) {
    return "wrong Sec-WebSocket-Accept";
  }
  if (response.headers["sec-websocket-extensions"] !== undefined) {
    return "an extension was agreed that was not offered";
  }
  return null;
}

function createLink(
  options: DialWebSocketOptions,
  socket: Duplex,
  head: Uint8Array,
): WebSocketLink {
  const owned = adoptSocket(socket, { keepAliveMs: options.keepAliveMs }, head);
  return new WebSocketLink({
    socket: owned,
    role: "client",
    maskWithZero: isSecure(options.url) || isLoopback(owned.remoteAddress),
    maxTextBytes: options.maxTextBytes,
    closeTimeoutMs: options.closeTimeoutMs,
    handler: options.handler,
  });
}

async function readRefusal(response: IncomingMessage): Promise<DialWebSocketResult> {
  const parts: Buffer[] = [];
  let byteCount = 0;
  try {
    for await (const part of response as AsyncIterable<Buffer>) {
      parts.push(part);
      byteCount += part.byteLength;
      if (byteCount >= MAX_REFUSAL_BODY_BYTES) break;
    }
  } catch {
    // The status is what counts; a body that breaks off adds nothing to it.
  }
  return {
    kind: "refused",
    status: response.statusCode ?? 0,
    retryAfter: response.headers["retry-after"] ?? null,
    body: Buffer.concat(parts).subarray(0, MAX_REFUSAL_BODY_BYTES).toString("utf8"),
  };
}

function toUnreachable(error: Error): DialWebSocketResult {
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  // What Node's HTTP parser says of bytes that are no HTTP.
  if (code.startsWith("HPE_")) return { kind: "not_web_socket", message: error.message };
  return { kind: "unreachable", code, message: error.message };
}

function isLoopback(address: string | undefined): boolean {
  if (address === undefined) return false;
  const loopback = new BlockList();
  loopback.addSubnet("127.0.0.0", 8, "ipv4");
  loopback.addAddress("::1", "ipv6");
  return loopback.check(address, isIPv6(address) ? "ipv6" : "ipv4");
}
