import type { Forwarded } from "./forwarded-headers.ts";

/** Meant for one hop only (RFC 9110 section 7.6.1), or set by us. */
const DROPPED = new Set([
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "forwarded",
  "x-forwarded-for",
  "x-forwarded-host",
  "x-forwarded-port",
  "x-forwarded-prefix",
  "x-forwarded-proto",
  "x-forwarded-server",
  "x-real-ip",
]);

/** Node's flat list of names and values, as in `rawHeaders`. */
export type RawHeaders = readonly string[];

/** What is passed on of a message's headers, order and spelling kept. */
export function withoutHopByHop(raw: RawHeaders): string[] {
  const named = new Set<string>();
  for (const [name, value] of pairs(raw)) {
    if (name.toLowerCase() !== "connection") continue;
    for (const token of value.split(",")) named.add(token.trim().toLowerCase());
  }
  const kept: string[] = [];
  for (const [name, value] of pairs(raw)) {
    const lower = name.toLowerCase();
    if (!DROPPED.has(lower) && !named.has(lower)) kept.push(name, value);
  }
  return kept;
}

/** A request's headers as the web process gets them. */
export function toWebHeaders(raw: RawHeaders, forwarded: Forwarded): string[] {
  return [
    ...withoutHopByHop(raw),
    "X-Forwarded-For",
    forwarded.address,
    "X-Forwarded-Proto",
    forwarded.proto,
    "X-Forwarded-Host",
    forwarded.host,
  ];
}

function* pairs(raw: RawHeaders): Generator<[string, string]> {
  for (let i = 0; i + 1 < raw.length; i += 2) yield [raw[i] ?? "", raw[i + 1] ?? ""];
}
