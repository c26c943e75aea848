import type { IncomingHttpHeaders } from "node:http";
import { isIP } from "node:net";
import { toPlainAddress, type IsTrustedProxy } from "./trusted-proxies.ts";

/** Who asked, for which host, by which scheme, as far as it can be believed. */
export interface Forwarded {
  /** The client's address: the peer's own, or what trusted proxies say. */
  readonly address: string;
  readonly proto: "http" | "https";
  readonly host: string;
}

/**
 * Works out what to tell the web process about a request's origin.
 *
 * The outside's own `X-Forwarded-*` count only when the peer is a trusted proxy; of a chain, the nearest address that
 * is no trusted proxy is the client, and everything before it is hearsay.
 */
export function toForwarded(
  headers: IncomingHttpHeaders,
  peerAddress: string,
  isTrusted: IsTrustedProxy,
): Forwarded {
  const peer = toPlainAddress(peerAddress);
  const host = headers.host ?? "";
  if (!isTrusted(peer)) return { address: peer, proto: "http", host };
  const chain = [...listOf(headers["x-forwarded-for"]).filter((part) => isIP(part) !== 0), peer];
  const client = chain.findLast((address) => !isTrusted(address)) ?? chain[0] ?? peer;
  const [proto] = listOf(headers["x-forwarded-proto"]);
  const [forwardedHost] = listOf(headers["x-forwarded-host"]);
  return {
    address: client,
    proto: proto === "https" ? "https" : "http",
    host: forwardedHost ?? host,
  };
}

function listOf(header: string | string[] | undefined): string[] {
  const text = Array.isArray(header) ? header.join(",") : (header ?? "");
  return text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");
}
