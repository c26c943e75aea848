import { type RawHeaders, valuesOf } from "../../headers/raw-headers.ts";
import type { ReceivedProtocol } from "./to-backend-headers.ts";

export interface Framing {
  readonly version: ReceivedProtocol;
  readonly rawHeaders: RawHeaders;
}

/**
 * Finds what lets two readers disagree on where a message ends.
 *
 * @returns a short reason, null when nothing is wrong.
 *
 * Source: RFC 9112 sections 6.1 and 6.3.
 */
export function findLengthFault({ version, rawHeaders }: Framing): string | null {
  const lengths = valuesOf(rawHeaders, "content-length");
  const encodings = valuesOf(rawHeaders, "transfer-encoding");
  const [length, encoding] = [lengths[0], encodings[0]];
  if (lengths.length > 1) return "several Content-Length fields";
  if (length !== undefined && !/^\d{1,16}$/.test(length)) return "Content-Length is no number";
  if (encoding === undefined) return null;
  if (version !== "1.1") return "Transfer-Encoding is not for this version of HTTP";
  if (length !== undefined) return "both Content-Length and Transfer-Encoding";
  const isChunked = encodings.length === 1 && encoding.toLowerCase() === "chunked";
  return isChunked ? null : "Transfer-Encoding is not chunked alone";
}
