import { isIPv4, isIPv6 } from "node:net";
import { isHostName } from "#server/lib/host-patterns.ts";

export interface HostAndPort {
  /** Lower case, without a dot at its end; an IPv6 address keeps its brackets. */
  readonly host: string;
  /** Null when none was given. */
  readonly port: number | null;
}

const AUTHORITY = /^(\[[0-9a-f:.]{2,45}\]|[a-z0-9._-]{1,254})(?::(\d{1,5}))?$/i;
/** What was read last: of one request the same value is read again and again. */
let lastText = "";
let lastRead: HostAndPort | null = null;

/**
 * Reads the value of `Host` or `:authority`.
 *
 * @returns null for everything that is not a plain host name or address with perhaps a port: an empty one, user names,
 * zones of addresses, percent escapes, empty labels, ports beyond 65535.
 *
 * Source: RFC 9110 section 7.2, RFC 3986 section 3.2, of which this takes less.
 */
export function parseHost(text: string): HostAndPort | null {
  if (text !== lastText) {
    lastRead = readHost(text);
    lastText = text;
  }
  return lastRead;
}

function readHost(text: string): HostAndPort | null {
  const [, rawHost = "", rawPort] = AUTHORITY.exec(text) ?? [];
  const port = rawPort === undefined ? null : Number(rawPort);
  if (port !== null && (port < 1 || port > 65_535)) return null;
  const host = toHost(rawHost.toLowerCase());
  return host === null ? null : { host, port };
}

function toHost(lower: string): string | null {
  if (lower.startsWith("[")) return isIPv6(lower.slice(1, -1)) ? lower : null;
  const name = lower.endsWith(".") ? lower.slice(0, -1) : lower;
  if (!isHostName(name)) return null;
  // Four numbers that are no address, as in `1.2.3.999`, would be one to some and a name to others.
  return /^[\d.]+$/.test(name) && !isIPv4(name) ? null : name;
}
