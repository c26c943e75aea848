/** What a load connection asks the bench service for, as its first byte. */
export const REQUEST = {
  /** Drop what follows and report how much it was, as a little-endian u64, every so often. */
  sink: 0x53,
  /** Send without end. */
  source: 0x52,
  /** Send everything back. */
  echo: 0x45,
  /** Take the checked content, send back its digest, then send it in turn. */
  check: 0x43,
} as const;

/** How often a sink reports. */
export const SINK_REPORT_MS = 50;

/** What bulk connections send with one call. */
export const BULK_CHUNK_BYTES = 256 * 1024;

export const DIGEST_BYTES = 32;
