import { type RawHeaders, valuesOf } from "../../headers/raw-headers.ts";
import { parseHost } from "../routing/parse-host.ts";
import { findLengthFault } from "./find-length-fault.ts";
import type { ReceivedProtocol } from "./to-backend-headers.ts";

export interface RequestHead {
  readonly method: string;
  /** As it stands in the request line or in `:path`. */
  readonly target: string;
  readonly version: ReceivedProtocol;
  readonly rawHeaders: RawHeaders;
}

/**
 * Finds what a parser may let pass and two servers would read in two ways: where the message ends, and whom it is for.
 * Whatever is in doubt is refused, not repaired.
 *
 * @returns a short reason, null when nothing is wrong.
 *
 * Source: RFC 9112 sections 3.2, 6.1 and 6.3, RFC 9113 section 8.3.1.
 */
export function findRequestFault(head: RequestHead): string | null {
  return findLengthFault(head) ?? findHostFault(head);
}

function findHostFault({ method, target, version, rawHeaders }: RequestHead): string | null {
  const named = version === "2" ? ":authority" : "host";
  const hosts = [
    ...valuesOf(rawHeaders, named),
    ...(version === "2" ? valuesOf(rawHeaders, "host") : []),
  ];
  const [host] = hosts;
  if (host === undefined) return "no Host";
  if (version !== "2" && hosts.length > 1) return "several Host fields";
  const asked = parseHost(host);
  if (asked === null) return "Host is malformed";
  if (hosts.some((other) => !isSameHost(other, host))) return "Host and :authority differ";
  return findTargetFault({ method, target, version }, host);
}

function findTargetFault(
  { method, target, version }: Omit<RequestHead, "rawHeaders">,
  host: string,
): string | null {
  // Spaces, controls and fragments; all else that is odd in a path is the service's to judge.
  if (/[\x00-\x20\x7f#]/.test(target))
    return "the target holds characters that may not stand there";
  if (target.startsWith("/")) return null;
  if (target === "*") return method === "OPTIONS" ? null : "the target * is for OPTIONS alone";
  // HTTP/2 says scheme and host in fields of their own.
  if (version === "2") return "the target is malformed";
  const [, scheme, authority] = /^(https?):\/\/([^/?]*)/i.exec(target) ?? [];
  if (scheme === undefined || authority === undefined) return "the target is malformed";
  return isSameHost(authority, host, scheme) ? null : "the target and Host differ";
}

/** Whether both name one host and port, a port that goes without saying included where the scheme is known. */
function isSameHost(a: string, b: string, scheme?: string): boolean {
  const [left, right] = [parseHost(a), parseHost(b)];
  if (left === null || right === null) return false;
  const implied = scheme === undefined ? null : scheme.toLowerCase() === "https" ? 443 : 80;
  return left.host === right.host && (left.port ?? implied) === (right.port ?? implied);
}
