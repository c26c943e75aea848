import { createHash } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";

/** RFC 6455 section 1.3. */
const ACCEPT_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

export const WEB_SOCKET_VERSION = "13";

const KEY_PATTERN = /^[+/0-9A-Za-z]{22}==$/;

/** What a server answers to a client's `Sec-WebSocket-Key`. */
export function toAcceptKey(key: string): string {
  return createHash("sha1")
    .update(key + ACCEPT_GUID)
    .digest("base64");
}

/** True when a request's or response's headers ask for or grant an upgrade to WebSocket. */
export function hasWebSocketUpgrade(headers: IncomingHttpHeaders): boolean {
  return hasToken(headers.upgrade, "websocket") && hasToken(headers.connection, "upgrade");
}

export interface UpgradeRefusal {
  readonly status: number;
  readonly message: string;
}

/** @returns why a request is no WebSocket handshake that we accept (RFC 6455 section 4.2.1), or null. */
export function judgeUpgrade(
  method: string | undefined,
  headers: IncomingHttpHeaders,
): UpgradeRefusal | null {
  if (method !== "GET") return { status: 405, message: "a WebSocket handshake is a GET request" };
  if (!hasWebSocketUpgrade(headers)) {
    return { status: 426, message: "this address speaks WebSocket only" };
  }
  if (headers["sec-websocket-version"] !== WEB_SOCKET_VERSION) {
    return { status: 426, message: "unsupported WebSocket version" };
  }
  const key = headers["sec-websocket-key"];
  if (key === undefined || !KEY_PATTERN.test(key)) {
    return { status: 400, message: "missing or malformed Sec-WebSocket-Key" };
  }
  return null;
}

function hasToken(header: string | undefined, token: string): boolean {
  return (header ?? "").split(",").some((part) => part.trim().toLowerCase() === token);
}
