import type { BodyPath, HttpTarget } from "../http/wire.ts";

/** What the load generator can be asked for. Results are in each job's own file. */
export type Job =
  | GoodputJob
  | RoundTripJob
  | NewConnectionsJob
  | CheckJob
  | HoldJob
  | DatagramsJob
  | HttpMaximumJob
  | HttpRateJob
  | WebSocketsJob
  | WebSocketCrowdJob
  | WebSocketsHoldJob;

export interface GoodputJob {
  readonly kind: "goodput";
  readonly port: number;
  readonly connections: number;
  readonly direction: "up" | "down";
  readonly seconds: number;
}

export interface RoundTripJob {
  readonly kind: "round-trip";
  readonly port: number;
  readonly seconds: number;
}

export interface NewConnectionsJob {
  readonly kind: "new-connections";
  readonly port: number;
  readonly seconds: number;
  /** How many are being opened at a time. */
  readonly concurrency: number;
}

export interface CheckJob {
  readonly kind: "check";
  readonly port: number;
}

/** Opens connections, keeps them and prints `{"isHeld":1}` when they stand. */
export interface HoldJob {
  readonly kind: "hold";
  readonly port: number;
  readonly connections: number;
  /**
   * `idle` echoed one byte · `stalled` asked for bulk and reads none · `download` reads bulk without end ·
   * `associations` of UDP that echoed one datagram.
   */
  readonly load: "idle" | "stalled" | "download" | "upload" | "associations";
}

export interface DatagramsJob {
  readonly kind: "datagrams";
  /** Of UDP. */
  readonly port: number;
  readonly perSecond: number;
  readonly seconds: number;
}

export interface HttpMaximumJob {
  readonly kind: "http-maximum";
  readonly target: HttpTarget;
  readonly path: BodyPath;
  /** Answered before anything counts, if that takes no unreasonable time. */
  readonly warmUpRequests: number;
  readonly seconds: number;
}

export interface HttpRateJob {
  readonly kind: "http-rate";
  readonly target: HttpTarget;
  readonly path: BodyPath;
  readonly perSecond: number;
  readonly seconds: number;
}

export interface WebSocketsJob {
  readonly kind: "web-socket";
  readonly target: HttpTarget;
  readonly seconds: number;
}

/** Small messages in turn over all connections, at a fixed rate whatever comes back. */
export interface WebSocketCrowdJob {
  readonly kind: "web-socket-crowd";
  readonly target: HttpTarget;
  readonly connections: number;
  /** Of all connections together. */
  readonly perSecond: number;
  readonly seconds: number;
}

/** Prints `{"isHeld":1}` when all are open and have heard an echo. */
export interface WebSocketsHoldJob {
  readonly kind: "hold-web-sockets";
  readonly target: HttpTarget;
  readonly connections: number;
  /** Each sends a small message a second. */
  readonly isChatty: boolean;
}
