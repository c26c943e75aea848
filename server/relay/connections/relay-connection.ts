import type { ByteSocket } from "#mux/socket/byte-socket.ts";
import { pump, type Pump, type PumpEnd } from "#mux/stream/pump.ts";
import type { MuxStreamEnd, MuxStreamPort } from "#mux/stream/mux-stream-port.ts";
import type { CloseReason, ConnectionVia } from "#protocol/api/connections.ts";
import type { ConnectionId } from "#protocol/api/ids.ts";
import {
  DIAL_STATUSES,
  encodeStreamHeader,
  type StreamReply,
} from "#protocol/control/stream-header.ts";
import { isAppError } from "#protocol/errors.ts";
import type {
  ClosedConnectionState,
  ConnectionState,
  DatagramCounts,
} from "#protocol/relay/events.ts";
import type { TunnelPolicy } from "#protocol/api/tunnels.ts";
import type { Clock } from "#server/lib/clock.ts";
import { advance } from "#server/lib/state-machine.ts";
import type { Route } from "../routing/route-table.ts";
import type { DirectAnswer, DirectWay, StreamLink } from "./connection-ports.ts";
import {
  CONNECTION_TRANSITIONS,
  type ConnectionPhase,
  type ConnectionPhaseEvent,
} from "./connection-states.ts";
import { DialedStream } from "./dialed-stream.ts";
import { DirectStream } from "./direct-stream.ts";

/** The agent keeps the connect timeout itself and says what went wrong; this is how long its word may take. */
const REPLY_GRACE_MS = 2_000;
/** However long a client waited for a link, the agent gets this much to dial. */
const DIAL_TIMEOUT_MIN_MS = 1_000;

/** A verified address answers at once or not at all; past this an agent may be the better hope, milliseconds. */
const DIRECT_DIAL_MAX_MS = 5_000;

const PUMP_END_REASONS = {
  completed: "completed",
  socket_reset: "client_reset",
  stream_reset: "upstream_reset",
  session_closed: "agent_lost",
  // Whoever closes locally has said why before; this is only reached by a bug.
  closed_locally: "closed_by_operator",
} as const satisfies Record<PumpEnd, CloseReason>;

const UDP_REFUSED = {
  reason: "dial_refused",
  detail: "Nothing listens at the service's UDP port, or the network does not lead there (ICMP).",
} as const satisfies Verdict;

/** Why a connection is closed. */
export interface Verdict {
  readonly reason: CloseReason;
  readonly detail: string | null;
}

export interface ConnectionOwner {
  onEstablished(connection: RelayConnection): void;
  /** The direct address could not be reached after all; it waits for an agent now. */
  onGivenUp(connection: RelayConnection): void;
  onClosed(connection: RelayConnection, state: ClosedConnectionState): void;
}

export interface RelayConnectionOptions {
  readonly id: ConnectionId;
  readonly socket: ByteSocket;
  readonly route: Route;
  readonly clientAddress: string;
  readonly clock: Clock;
  readonly owner: ConnectionOwner;
}

/** One client's connection, from accept to close. Has no timer of its own: its table looks at the clock. */
export class RelayConnection {
  readonly #options: RelayConnectionOptions;
  readonly #openedAt: number;
  readonly #openedAtMs: number;
  #phase: ConnectionPhase = "waiting";
  #link: StreamLink | null = null;
  #pump: Pump | null = null;
  /** Why we cut it; null while we have not. */
  #verdict: Verdict | null = null;
  #via: ConnectionVia = "agent";
  /** Under way while the direct address is dialled. */
  #directDial: AbortController | null = null;
  #directFailure: Verdict | null = null;
  #openLatencyMs: number | null = null;
  #lastActivityAt: number;
  #activeAtMs: number;
  #seen = { bytesIn: 0, bytesOut: 0 };
  #seenDatagrams: DatagramCounts = { in: 0, out: 0, dropped: 0 };

  constructor(options: RelayConnectionOptions) {
    this.#options = options;
    this.#openedAt = options.clock.now();
    this.#openedAtMs = options.clock.monotonicMs();
    this.#lastActivityAt = this.#openedAt;
    this.#activeAtMs = this.#openedAtMs;
  }

  get id(): ConnectionId {
    return this.#options.id;
  }
  get route(): Route {
    return this.#options.route;
  }
  get phase(): ConnectionPhase {
    return this.#phase;
  }
  get link(): StreamLink | null {
    return this.#link;
  }
  get openLatencyMs(): number | null {
    return this.#openLatencyMs;
  }
  get via(): ConnectionVia {
    return this.#via;
  }
  /** What came of the direct address; null while it was not tried. */
  get directFailure(): Verdict | null {
    return this.#directFailure;
  }

  /**
   * Opens a stream on the link and starts to carry bytes. Only while `waiting`.
   *
   * @returns false when the link cannot take it after all; the connection goes on waiting.
   */
  dial(link: StreamLink): boolean {
    const { route, id, clientAddress } = this.#options;
    const { target, policy } = route.tunnel;
    const stream = tryOpenStream(link);
    if (stream === null) return false;
    this.#advance("stream");
    this.#link = link;
    const waitedMs = this.#options.clock.monotonicMs() - this.#openedAtMs;
    const connectTimeoutMs = Math.max(DIAL_TIMEOUT_MIN_MS, policy.connectTimeoutMs - waitedMs);
    this.#activeAtMs = this.#options.clock.monotonicMs();
    stream.write(
      encodeStreamHeader({
        kind: target.protocol === "udp" ? "udp" : "tcp",
        target,
        tunnelId: route.tunnel.id,
        connectionId: id,
        clientAddress,
        connectTimeoutMs: Math.round(connectTimeoutMs),
      }),
    );
    const dialed = new DialedStream(stream, {
      onReply: (reply) => this.#onReply(reply),
      onBadReply: () => this.close("dial_failed", "The agent's answer could not be read."),
      onNoReply: (why) => this.#onNoReply(why),
    });
    this.#startPump(dialed);
    return true;
  }

  /** Dials the Gateway's own address instead of an agent. Only while `waiting`. */
  dialDirect(way: DirectWay): void {
    const { tunnel } = this.#options.route;
    this.#advance("stream");
    this.#via = "direct";
    const dial = new AbortController();
    this.#directDial = dial;
    const waitedMs = this.#options.clock.monotonicMs() - this.#openedAtMs;
    const leftMs = Math.max(DIAL_TIMEOUT_MIN_MS, tunnel.policy.connectTimeoutMs - waitedMs);
    const timeoutMs = Math.min(DIRECT_DIAL_MAX_MS, leftMs);
    void way
      .dial(tunnel.id, { timeoutMs, signal: dial.signal })
      .then((answer) => this.#onDirectAnswer(answer));
  }

  /** Cuts it: the client sees a reset. Idempotent; the first reason counts. */
  close(reason: CloseReason, detail: string | null): void {
    if (this.#phase === "closing" || this.#phase === "closed") return;
    this.#verdict ??= { reason, detail };
    this.#directDial?.abort();
    if (this.#phase === "waiting" || this.#directDial !== null) {
      this.#options.socket.reset();
      return this.#finish(reason, detail);
    }
    if (this.#pump === null) return;
    this.#advance("close");
    this.#pump.close("reset");
  }

  /**
   * Compares the counters with those of the last look.
   *
   * @returns what was added since, null when it was idle.
   */
  observe(): { readonly bytesIn: number; readonly bytesOut: number } | null {
    const { bytesIn, bytesOut } = this.#pump?.counters ?? this.#seen;
    const added = {
      bytesIn: bytesIn - this.#seen.bytesIn,
      bytesOut: bytesOut - this.#seen.bytesOut,
    };
    if (added.bytesIn === 0 && added.bytesOut === 0) return null;
    this.#seen = { bytesIn, bytesOut };
    this.#lastActivityAt = this.#options.clock.now();
    this.#activeAtMs = this.#options.clock.monotonicMs();
    return added;
  }

  /** @returns datagrams since the last call; null where there are none, or for anything but UDP. */
  observeDatagrams(): DatagramCounts | null {
    const { datagrams } = this.#options.socket;
    if (datagrams === undefined) return null;
    const { received, sent, dropped } = datagrams;
    const before = this.#seenDatagrams;
    this.#seenDatagrams = { in: received, out: sent, dropped };
    const added = {
      in: received - before.in,
      out: sent - before.out,
      dropped: dropped - before.dropped,
    };
    return added.in + added.out + added.dropped === 0 ? null : added;
  }

  /** @returns the reason to cut it now, by the clock; null while it may live. `waiting` is its table's affair. */
  findTimeout(policy: TunnelPolicy, nowMs: number): CloseReason | null {
    const quietMs = nowMs - this.#activeAtMs;
    if (this.#phase === "open") return quietMs >= policy.idleTimeoutMs ? "idle_timeout" : null;
    // The dial of the direct address keeps its own time.
    if (this.#phase !== "dialing" || this.#directDial !== null) return null;
    const dialingMs = nowMs - this.#openedAtMs;
    const allowedMs = Math.max(DIAL_TIMEOUT_MIN_MS, policy.connectTimeoutMs) + REPLY_GRACE_MS;
    return dialingMs >= allowedMs ? "dial_timeout" : null;
  }

  /** Milliseconds since it was accepted. */
  ageMs(nowMs: number): number {
    return nowMs - this.#openedAtMs;
  }

  toState(): ConnectionState {
    const { id, route, clientAddress } = this.#options;
    return {
      id,
      tunnelId: route.tunnel.id,
      clusterId: route.tunnel.clusterId,
      agentId: this.#link?.agentId ?? null,
      agentName: this.#link?.agentName ?? null,
      via: this.#via,
      clientAddress,
      openedAt: this.#openedAt,
      lastActivityAt: this.#lastActivityAt,
      openLatencyMs: this.#openLatencyMs,
      ...this.#seen,
    };
  }

  #onReply({ status, message }: StreamReply): void {
    const { closeReason } = DIAL_STATUSES[status];
    if (closeReason !== null) return this.close(closeReason, message === "" ? null : message);
    if (this.#phase === "dialing") this.#establish();
  }

  #onDirectAnswer(answer: DirectAnswer): void {
    this.#directDial = null;
    // Cut meanwhile.
    if (this.#phase !== "dialing") return answer.socket?.reset();
    if (answer.socket === null) {
      this.#advance("giveUp");
      this.#via = "agent";
      this.#directFailure = { reason: answer.closeReason, detail: answer.detail };
      return this.#options.owner.onGivenUp(this);
    }
    this.#establish();
    this.#startPump(new DirectStream(answer.socket));
  }

  #establish(): void {
    this.#advance("reply");
    this.#activeAtMs = this.#options.clock.monotonicMs();
    this.#openLatencyMs = this.#activeAtMs - this.#openedAtMs;
    this.#options.owner.onEstablished(this);
  }

  #startPump(stream: MuxStreamPort): void {
    const { socket } = this.#options;
    const observer = { onClose: ({ reason }: { reason: PumpEnd }) => this.#onPumpEnd(reason) };
    this.#pump = pump({ socket, stream, observer });
    // A socket that was broken already has told its story before there was a pump to cut.
    if (this.#verdict !== null) this.#pump.close("reset");
  }

  #onNoReply(why: MuxStreamEnd): void {
    if (why === "session_closed") this.#judge("agent_lost", null);
    else if (why !== "reset_locally") {
      this.#judge("dial_failed", "The agent gave the connection up without an answer.");
    }
  }

  /** Says why, where the stream's own end is about to close everything. */
  #judge(reason: CloseReason, detail: string | null): void {
    this.#verdict ??= { reason, detail };
  }

  #onPumpEnd(end: PumpEnd): void {
    const verdict = this.#verdict ?? this.#judgeEnd(end);
    this.#finish(verdict.reason, verdict.detail);
  }

  #judgeEnd(end: PumpEnd): Verdict {
    const isUdp = this.route.tunnel.target.protocol === "udp";
    // An agent breaks a UDP session only when the network told it that nobody is there.
    if (isUdp && end === "stream_reset") return UDP_REFUSED;
    return { reason: PUMP_END_REASONS[end], detail: null };
  }

  #finish(closeReason: CloseReason, closeDetail: string | null): void {
    if (this.#phase === "closed") return;
    this.#advance("over");
    const closedAt = this.#options.clock.now();
    // The owner takes the last bytes into account, by `observe`, before it publishes this.
    this.#options.owner.onClosed(this, {
      ...this.#counted(),
      closedAt,
      closeReason,
      closeDetail,
    });
  }

  #counted(): ConnectionState {
    const { bytesIn, bytesOut } = this.#pump?.counters ?? this.#seen;
    return { ...this.toState(), bytesIn, bytesOut };
  }

  #advance(event: ConnectionPhaseEvent): void {
    this.#phase = advance(CONNECTION_TRANSITIONS, this.#phase, event);
  }
}

function tryOpenStream(link: StreamLink) {
  try {
    return link.openStream();
  } catch (error) {
    if (isAppError(error)) return null;
    throw error;
  }
}
