import type { IncomingHttpHeaders, OutgoingHttpHeaders } from "node:http";
import type { RawHeaders } from "../../headers/raw-headers.ts";

/** Fields that HTTP/2 forbids, since it frames and keeps connections itself (RFC 9113 section 8.2.2). */
const CONNECTION_SPECIFIC: ReadonlySet<string> = new Set([
  "connection",
  "http2-settings",
  "keep-alive",
  "proxy-connection",
  "transfer-encoding",
  "upgrade",
  "host",
]);

/** A flat list as `node:http2` takes it: lower-case names, several values of one name as a list. */
export function toHeaderObject(raw: RawHeaders): OutgoingHttpHeaders {
  // Without a prototype: fields may be called `constructor`.
  const object = Object.create(null) as OutgoingHttpHeaders;
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = (raw[i] ?? "").toLowerCase();
    const value = raw[i + 1] ?? "";
    if (CONNECTION_SPECIFIC.has(name) || name.startsWith(":")) continue;
    // RFC 9113: TE may only say trailers.
    if (name === "te" && value.toLowerCase() !== "trailers") continue;
    const known = object[name];
    if (known === undefined) object[name] = value;
    else if (Array.isArray(known)) known.push(value);
    else if (name === "set-cookie" || isList(name)) object[name] = [String(known), value];
    else object[name] = `${String(known)}, ${value}`;
  }
  return object;
}

function isList(name: string): boolean {
  return name === "cookie";
}

/** The opposite: a flat list without the pseudo-header fields. */
export function withoutPseudo(raw: RawHeaders): string[] {
  const kept: string[] = [];
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = raw[i] ?? "";
    if (!name.startsWith(":")) kept.push(name, raw[i + 1] ?? "");
  }
  return kept;
}

/** One field of a request, as Node gathered them; several of one name joined. @param name lower case */
export function fieldOf(fields: IncomingHttpHeaders, name: string): string | undefined {
  // Routes ask for any name: `constructor` is one, and Node's object has a prototype.
  const value = Object.hasOwn(fields, name) ? fields[name] : undefined;
  return Array.isArray(value) ? value.join(", ") : value;
}

/** The same as names with their values. */
export function toPairs(raw: RawHeaders): [string, string][] {
  const pairs: [string, string][] = [];
  for (let i = 0; i + 1 < raw.length; i += 2) pairs.push([raw[i] ?? "", raw[i + 1] ?? ""]);
  return pairs;
}
