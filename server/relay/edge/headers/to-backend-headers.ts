import type { BackendProtocol } from "#protocol/control/http-routing.ts";
import type { Forwarded } from "../../headers/forwarded-headers.ts";
import {
  pairs,
  type RawHeaders,
  tokensOf,
  valuesOf,
  withoutHopByHop,
} from "../../headers/raw-headers.ts";
import { parseHost } from "../routing/parse-host.ts";

/** How a message came to us, as `Via` names it. */
export type ReceivedProtocol = "1.0" | "1.1" | "2";

export interface BackendHeaderFacts {
  readonly forwarded: Forwarded;
  /** The peer may say who asked; what others say of that is dropped. */
  readonly isFromTrustedProxy: boolean;
  readonly requestId: string;
  readonly received: ReceivedProtocol;
  /** What the backend speaks. */
  readonly protocol: BackendProtocol;
  /** `Host` of the request that goes out; for h2c it belongs into `:authority` and is left out here. */
  readonly authority: string;
  /** The request goes out in chunks or over HTTP/2, so that trailers can follow and `Trailer` may name them. */
  readonly canHaveTrailers: boolean;
}

/** Said by us alone, also where a trusted proxy said it: what it said is in `Forwarded`. */
const OURS: ReadonlySet<string> = new Set([
  "forwarded",
  "host",
  "x-forwarded-for",
  "x-forwarded-host",
  "x-forwarded-port",
  "x-forwarded-proto",
  "x-real-ip",
  "x-request-id",
]);

/**
 * A request's headers as a backend gets them; a rule's header filters come after. Cookies go through as they are: the
 * dashboard's own never come here, because its host name is no tunnel's and its cookies name no domain.
 */
export function toBackendHeaders(raw: RawHeaders, facts: BackendHeaderFacts): string[] {
  const { forwarded, protocol } = facts;
  const { address, proto, host } = forwarded;
  const passedOn = withoutHopByHop(raw, (name) => isSaidByEdge(name, facts.isFromTrustedProxy));
  const headers =
    protocol === "h2c" ? passedOn : ["Host", facts.authority, ...withOneCookie(passedOn)];
  headers.push("X-Forwarded-For", address, "X-Forwarded-Proto", proto, "X-Forwarded-Host", host);
  headers.push("X-Forwarded-Port", String(portOf(forwarded)));
  headers.push("Forwarded", toForwardedField(forwarded));
  headers.push("Via", `${facts.received} culvert`, "X-Request-Id", facts.requestId);
  // gRPC servers insist on it. Over HTTP/1.1 it would have to be named by `Connection`, which belongs to the transport.
  if (protocol === "h2c" && tokensOf(raw, "te").includes("trailers"))
    headers.push("TE", "trailers");
  if (facts.canHaveTrailers) headers.push(...trailerFields(raw));
  return headers;
}

/** Fields that announce trailers, which go on with the message they belong to. */
export function trailerFields(raw: RawHeaders): string[] {
  return valuesOf(raw, "trailer").flatMap((value) => ["Trailer", value]);
}

/**
 * Whether what a client says by this name is dropped. `X_Forwarded_For` is the same as `X-Forwarded-For` to services that
 * read headers from variables.
 */
export function isSaidByEdge(lowerName: string, isFromTrustedProxy: boolean): boolean {
  if (lowerName.startsWith(":")) return true;
  const name = lowerName.includes("_") ? lowerName.replaceAll("_", "-") : lowerName;
  return OURS.has(name) || (!isFromTrustedProxy && name.startsWith("x-forwarded-"));
}

/** HTTP/2 may split cookies over fields; HTTP/1.1 knows one (RFC 9113 section 8.2.3). */
function withOneCookie(headers: readonly string[]): readonly string[] {
  const cookies = valuesOf(headers, "cookie");
  if (cookies.length < 2) return headers;
  const rest: string[] = [];
  for (const [name, value] of pairs(headers)) {
    if (name.toLowerCase() !== "cookie") rest.push(name, value);
  }
  return [...rest, "Cookie", cookies.join("; ")];
}

function portOf({ proto, host }: Forwarded): number {
  return parseHost(host)?.port ?? (proto === "https" ? 443 : 80);
}

/** RFC 7239 section 4: what is no token is quoted, IPv6 addresses stand in brackets. */
function toForwardedField({ address, proto, host }: Forwarded): string {
  const node = address.includes(":") ? `[${address}]` : address === "" ? "unknown" : address;
  const parts = [`for=${quoted(node)}`, `proto=${proto}`];
  if (host !== "") parts.push(`host=${quoted(host)}`);
  return parts.join(";");
}

function quoted(text: string): string {
  if (/^[A-Za-z0-9!#$%&'*+\-.^_`|~]+$/.test(text)) return text;
  return `"${text.replaceAll(/["\\]/g, "\\$&")}"`;
}
