/** Bounds of the multiplexer. Normative: docs/protocol.md repeats this table and a test compares them. */
export const MUX_LIMITS = {
  /** Payload of one data frame that we send, bytes. Small enough that one bulk frame delays nobody for long. */
  framePayloadBytes: 64 * 1024,
  /** Credit each side of a new stream starts with, bytes. Fixed by the specification. */
  initialWindowBytes: 256 * 1024,
  /** Receive window we raise a stream to when it opens, bytes, unless the owner says otherwise. */
  windowBytes: 1024 * 1024,
  /** Largest receive window an owner may ask for, bytes. */
  maxWindowBytes: 16 * 1024 * 1024,
  /** Consumed bytes after which credit goes back. Measured: costs no goodput compared with half a window. */
  creditReturnBytes: 64 * 1024,
  /** Credit a peer may have granted us in sum: what a window update can say. */
  maxSendCreditBytes: 0xffff_ffff,
  /** Live streams of one session, both directions together. One more is reset, or refused by `openStream`. */
  streams: 16_384,
  /** Streams we opened that the peer has not acknowledged; HashiCorp's accept backlog is 256. More opens wait. */
  unacknowledgedOpens: 255,
  /** Unsent bytes of one stream above which `write` says stop. */
  unsentStreamBytes: 128 * 1024,
  /** Unsent chunks of one stream above which `write` says stop, so that tiny writes stay bounded too. */
  unsentStreamChunks: 256,
  /** Unsent bytes of one stream at which `onDrain` says go on. */
  drainStreamBytes: 64 * 1024,
  /** Bytes a bulk stream keeps in flight while others of its session send small frames. */
  sharedInFlightBytes: 256 * 1024,
  /** Control frames handed to a transport that does not drain, bytes: a peer that asks and never reads. */
  blockedControlBytes: 1024 * 1024,
  /** Pings of ours that are not answered yet. */
  pendingPings: 64,
  /** After this a ping counts as lost, milliseconds. */
  pingTimeoutMs: 10_000,
} as const;

/** First keep-alive ping of a session, so that a round trip is known early; milliseconds. */
export const FIRST_PING_DELAY_MS = 1_000;
