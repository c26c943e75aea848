import { FRAMING, HOP_BY_HOP, type RawHeaders } from "../../headers/raw-headers.ts";
import { isSaidByEdge } from "./to-backend-headers.ts";

/**
 * What is passed on of the fields behind a body, either way: nothing that the edge takes out of heads or says itself,
 * and nothing of where a message ends or whom it is for. Some servers treat trailers like fields of the head, and node:http2
 * throws at some of them.
 *
 * Source: RFC 9110 section 6.5.1.
 */
export function toTrailers(raw: RawHeaders): RawHeaders {
  const kept: string[] = [];
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = raw[i] ?? "";
    if (!isForHeads(name.toLowerCase())) kept.push(name, raw[i + 1] ?? "");
  }
  return kept;
}

function isForHeads(lowerName: string): boolean {
  if (HOP_BY_HOP.has(lowerName) || FRAMING.has(lowerName)) return true;
  return lowerName === "culvert-error" || isSaidByEdge(lowerName, false);
}
