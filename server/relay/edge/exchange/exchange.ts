import { randomUUID } from "node:crypto";
import type { CloseReason } from "#protocol/api/connections.ts";
import type { EdgeErrorCode } from "#protocol/api/http-figures.ts";
import { ConnectionId } from "#protocol/api/ids.ts";
import {
  REQUEST_DETAIL_MAX,
  type ClosedConnectionState,
  type ConnectionRequest,
  type ConnectionState,
  type HttpRequestRecord,
  type MessageCounts,
} from "#protocol/relay/events.ts";
import type { Clock } from "#server/lib/clock.ts";
import type { Route } from "../../routing/route-table.ts";
import type { Dialed } from "../backend/dial-backend.ts";

/** Characters of a method and a path that are kept for people to read. */
const METHOD_MAX = 64;
const PATH_MAX = 512;

export interface ExchangeSketch {
  readonly route: Route;
  readonly method: string;
  readonly host: string;
  readonly path: string;
  readonly clientAddress: string;
}

/** What each answer of the edge itself is in the words of the connection table; the others are `completed`. */
const CLOSE_REASON_OF: Partial<Record<EdgeErrorCode, CloseReason>> = {
  agent_offline: "agent_offline",
  no_backend: "no_backend",
  limit_reached: "limit_reached",
  backend_refused: "dial_refused",
  backend_failed: "dial_failed",
  backend_timeout: "dial_timeout",
  tunnel_off: "tunnel_disabled",
  shutting_down: "relay_shutdown",
};

/** The same of answers of a service that broke off after their head. */
const BROKEN_OFF: Partial<Record<EdgeErrorCode, CloseReason>> = {
  agent_offline: "agent_lost",
  backend_failed: "upstream_reset",
  backend_timeout: "route_timeout",
};

/** One request and its answer, from head to end: the facts. Who serves it plugs in how to cut it. */
export class Exchange {
  readonly route: Route;
  readonly clientAddress: string;
  readonly request: ConnectionRequest;
  /** For this request alone, whatever the client calls it. */
  readonly uuid = randomUUID();
  status: number | null = null;
  error: EdgeErrorCode | null = null;
  detail: string | null = null;
  /** `shop/web:8080`. */
  backend: string | null = null;
  way: Dialed | null = null;
  bytesIn = 0;
  bytesOut = 0;
  /** The connection table shows it. */
  isShown = false;
  /** What the client still owes of its request. */
  isBodyDue = false;
  #counters: { readonly bytesIn: number; readonly bytesOut: number } | null = null;
  #messages: (() => MessageCounts) | null = null;
  #seenMessages: MessageCounts = { in: 0, out: 0 };
  readonly #clock: Clock;
  readonly openedAt: number;
  readonly #openedAtMs: number;
  #firstByteMs: number | null = null;
  #isServed = false;
  #durationMs = 0;
  #isWhole = false;
  #activeAtMs: number;
  #lastActivityAt: number;
  #seenBytes = { bytesIn: 0, bytesOut: 0 };
  #cutReason: CloseReason | null = null;
  #cut: ((reason: CloseReason) => void) | null = null;

  constructor(sketch: ExchangeSketch, clock: Clock) {
    this.route = sketch.route;
    this.clientAddress = sketch.clientAddress;
    this.request = {
      method: sketch.method.slice(0, METHOD_MAX),
      host: sketch.host,
      path: sketch.path.slice(0, PATH_MAX),
      upgrade: null,
    };
    this.#clock = clock;
    this.openedAt = clock.now();
    this.#openedAtMs = clock.monotonicMs();
    this.#activeAtMs = this.#openedAtMs;
    this.#lastActivityAt = this.openedAt;
  }

  get id(): ConnectionId {
    return ConnectionId.parse(`cn_${this.uuid.replaceAll("-", "").slice(0, 20)}`);
  }
  get firstByteMs(): number | null {
    return this.#firstByteMs;
  }
  /** The head of the answer is the service's: not so where the edge answers itself. */
  get isServed(): boolean {
    return this.#isServed;
  }
  /** Of one that is over. Milliseconds since the epoch. */
  get endedAt(): number {
    return this.openedAt + this.#durationMs;
  }
  get cutReason(): CloseReason | null {
    return this.#cutReason;
  }

  /** Whoever serves it says how it is ended from outside. */
  onCut(cut: (reason: CloseReason) => void): void {
    this.#cut = cut;
  }

  /** Ends it from outside. Idempotent; the first reason counts. */
  cut(reason: CloseReason): void {
    if (this.#cutReason !== null) return;
    this.#cutReason = reason;
    this.#cut?.(reason);
  }

  /** The head of the answer goes out. */
  answered(status: number): void {
    this.status = status;
    this.#firstByteMs = this.#clock.monotonicMs() - this.#openedAtMs;
    this.#isServed = this.way !== null && this.error === null;
  }

  /** Nothing more will be sent to the client. @param isWhole it got all of the answer. */
  ended(isWhole: boolean): void {
    this.#isWhole = isWhole;
    this.#durationMs = this.#clock.monotonicMs() - this.#openedAtMs;
  }

  /** The service agreed to speak another protocol from here on. */
  upgraded(protocol: string): void {
    (this.request as { upgrade: string | null }).upgrade = protocol.slice(0, METHOD_MAX);
  }

  /** From here on others count. */
  follow(
    counters: { readonly bytesIn: number; readonly bytesOut: number },
    messages: (() => MessageCounts) | null,
  ): void {
    this.#counters = counters;
    this.#messages = messages;
  }

  /** @returns WebSocket messages since the last call. */
  observeMessages(): MessageCounts {
    const messages = this.#messages?.() ?? this.#seenMessages;
    const added = {
      in: messages.in - this.#seenMessages.in,
      out: messages.out - this.#seenMessages.out,
    };
    this.#seenMessages = messages;
    return added;
  }

  ageMs(nowMs: number): number {
    return nowMs - this.#openedAtMs;
  }

  /** Since a byte moved, as of the last look. */
  quietMs(nowMs: number): number {
    return nowMs - this.#activeAtMs;
  }

  /** Compares the counters with those of the last look. @returns what was added, null when it was quiet. */
  observe(): { readonly bytesIn: number; readonly bytesOut: number } | null {
    if (this.#counters !== null) {
      this.bytesIn = this.#counters.bytesIn;
      this.bytesOut = this.#counters.bytesOut;
    }
    const { bytesIn, bytesOut } = this;
    const added = {
      bytesIn: bytesIn - this.#seenBytes.bytesIn,
      bytesOut: bytesOut - this.#seenBytes.bytesOut,
    };
    if (added.bytesIn === 0 && added.bytesOut === 0) return null;
    this.#seenBytes = { bytesIn, bytesOut };
    this.#activeAtMs = this.#clock.monotonicMs();
    this.#lastActivityAt = this.#clock.now();
    return added;
  }

  /** As the connection table shows it. */
  toState(): ConnectionState {
    const { tunnel } = this.route;
    return {
      id: this.id,
      tunnelId: tunnel.id,
      clusterId: tunnel.clusterId,
      agentId: this.way?.agentId ?? null,
      agentName: this.way?.agentName ?? null,
      via: this.way?.via ?? "agent",
      clientAddress: this.clientAddress,
      openedAt: this.openedAt,
      lastActivityAt: this.#lastActivityAt,
      openLatencyMs: this.#isServed ? this.#firstByteMs : null,
      bytesIn: this.bytesIn,
      bytesOut: this.bytesOut,
      request: { ...this.request },
      ...(this.#messages === null ? {} : { messages: this.#messages() }),
    };
  }

  /** @param isWhole the client got all of the answer. */
  toClosedState(isWhole: boolean): ClosedConnectionState {
    return {
      ...this.toState(),
      closedAt: this.#clock.now(),
      closeReason: this.closeReason(isWhole),
      closeDetail: this.detail,
    };
  }

  closeReason(isWhole: boolean): CloseReason {
    if (this.#cutReason !== null) return this.#cutReason;
    if (this.error !== null) {
      if (this.#isServed) return BROKEN_OFF[this.error] ?? "completed";
      if (this.error === "agent_offline" && this.way !== null) return "agent_lost";
      return CLOSE_REASON_OF[this.error] ?? "completed";
    }
    return isWhole ? "completed" : "client_reset";
  }

  /** Of one that is over. */
  toRecord(): HttpRequestRecord {
    return {
      id: this.id,
      tunnelId: this.route.tunnel.id,
      at: this.openedAt,
      request: { ...this.request },
      clientAddress: this.clientAddress,
      status: this.status,
      error: this.error,
      detail: this.detail?.slice(0, REQUEST_DETAIL_MAX) ?? null,
      backend: this.backend,
      isServed: this.#isServed,
      closeReason: this.closeReason(this.#isWhole),
      firstByteMs: this.#firstByteMs,
      durationMs: this.#durationMs,
      bytesIn: this.bytesIn,
      bytesOut: this.bytesOut,
    };
  }
}
