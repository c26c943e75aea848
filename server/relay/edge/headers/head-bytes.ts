import type { RawHeaders } from "../../headers/raw-headers.ts";

/** What a field counts beside its name and value. */
const FIELD_BYTES = 32;

/** The size of a head or of trailers, as HTTP/2 counts it (RFC 9113 section 6.5.2). */
export function headBytesOf(raw: RawHeaders): number {
  let bytes = (raw.length / 2) * FIELD_BYTES;
  for (const text of raw) bytes += text.length;
  return bytes;
}
