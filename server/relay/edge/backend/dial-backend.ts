import { DialedStream } from "../../connections/dialed-stream.ts";
import { DirectStream } from "../../connections/direct-stream.ts";
import type { DirectWay, LinkSource, StreamLink } from "../../connections/connection-ports.ts";
import type { Route } from "../../routing/route-table.ts";
import type { MuxStreamPort } from "#mux/stream/mux-stream-port.ts";
import { StreamDuplex } from "#mux/stream/stream-duplex.ts";
import type { EdgeErrorCode } from "#protocol/api/http-figures.ts";
import type { AgentId, ConnectionId } from "#protocol/api/ids.ts";
import type { ConnectionVia } from "#protocol/api/connections.ts";
import type { BackendKey } from "#protocol/control/http-routing.ts";
import {
  encodeStreamHeader,
  type DialStatus,
  type StreamReply,
} from "#protocol/control/stream-header.ts";
import { isAppError } from "#protocol/errors.ts";

/** How long a request waits for an agent to come (back). A browser's user waits less patiently than psql; a choice. */
const LINK_WAIT_MAX_MS = 5_000;
/** The agent keeps the connect timeout itself and says what went wrong; this is how long its word may take. */
const REPLY_GRACE_MS = 2_000;

const LINK_FULL = "The agents' links carry as many streams as they may.";
const LINK_LOST = "The agent's link was lost.";
const BAD_REPLY = "The agent's answer could not be read.";
const CLOSED_AT_ONCE = "It closed the connection as soon as it had it.";
const NO_REPLY = "The agent gave the connection up without an answer.";

export interface DialWish {
  readonly route: Route;
  /** Null: through the Gateway's own data plane. */
  readonly backend: BackendKey | null;
  readonly connectionId: ConnectionId;
  readonly clientAddress: string;
  /** Nobody waits for the connection any more. */
  readonly signal: AbortSignal;
}

/** A connection to a backend, and the way it took. */
export interface Dialed {
  readonly duplex: StreamDuplex;
  readonly via: ConnectionVia;
  readonly agentId: AgentId | null;
  readonly agentName: string | null;
  /** The agent is about to go and waits for what is open: no further request may take this way. */
  isLeaving(): boolean;
}

export class DialError extends Error {
  readonly code: EdgeErrorCode;
  readonly detail: string | null;

  constructor(code: EdgeErrorCode, detail: string | null) {
    super(code);
    this.code = code;
    this.detail = detail;
  }
}

/** What each refusal of an agent is to a client of the edge. */
const CODE_OF = {
  refused: "backend_refused",
  timeout: "backend_timeout",
  not_found: "backend_failed",
  forbidden: "backend_failed",
  failed: "backend_failed",
  no_backend: "no_backend",
  limit_reached: "limit_reached",
} as const satisfies Record<Exclude<DialStatus, "ok">, EdgeErrorCode>;

export interface DialerOptions {
  readonly links: LinkSource;
  readonly direct: DirectWay;
}

/** Opens connections to backends: through an agent, or, for `dual` while none can, at the verified address. */
export class BackendDialer {
  readonly #options: DialerOptions;

  constructor(options: DialerOptions) {
    this.#options = options;
  }

  /** @throws DialError */
  async dial(wish: DialWish): Promise<Dialed> {
    const { links, direct } = this.#options;
    const { route, signal } = wish;
    const { tunnel, keyText } = route;
    const link = links.pickLink(tunnel.clusterId, keyText);
    if (link !== null) return await dialThrough(link, wish);
    if (tunnel.mode === "dual" && direct.isVerified(tunnel.id)) {
      const timeoutMs = Math.min(tunnel.policy.connectTimeoutMs, LINK_WAIT_MAX_MS);
      const answer = await direct.dial(tunnel.id, { timeoutMs, signal });
      if (answer.socket === null) throw new DialError("backend_refused", answer.detail);
      const duplex = new StreamDuplex(new DirectStream(answer.socket));
      return { duplex, via: "direct", agentId: null, agentName: null, isLeaving: () => false };
    }
    return await dialThrough(await this.#waitForLink(route, signal), wish);
  }

  #waitForLink({ tunnel, keyText }: Route, signal: AbortSignal): Promise<StreamLink> {
    const { links } = this.#options;
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        clearTimeout(timer);
        signal.removeEventListener("abort", onAbort);
        cancel();
      };
      const cancel = links.waitForLink(tunnel.clusterId, keyText, (link) => {
        settle();
        resolve(link);
      });
      const onAbort = (): void => {
        settle();
        reject(new DialError("backend_failed", null));
      };
      const waitMs = Math.min(tunnel.policy.connectTimeoutMs, LINK_WAIT_MAX_MS);
      const timer = setTimeout(() => {
        settle();
        const isServed = links.isServed(tunnel.clusterId, keyText);
        const error = isServed
          ? new DialError("limit_reached", LINK_FULL)
          : new DialError("agent_offline", null);
        reject(error);
      }, waitMs);
      signal.addEventListener("abort", onAbort);
    });
  }
}

function dialThrough(link: StreamLink, wish: DialWish): Promise<Dialed> {
  const { route, signal } = wish;
  const { tunnel } = route;
  return new Promise((resolve, reject) => {
    const stream = openStream(link);
    const { connectTimeoutMs } = tunnel.policy;
    stream.write(
      encodeStreamHeader({
        kind: "tcp",
        target: tunnel.target,
        ...(wish.backend === null ? {} : { backend: wish.backend }),
        tunnelId: tunnel.id,
        connectionId: wish.connectionId,
        clientAddress: wish.clientAddress,
        connectTimeoutMs,
      }),
    );
    const settle = (failure: DialError | null): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", onAbort);
      // What was over before anybody listened tells nobody: whoever used it would wait for ever.
      const isOver = failure === null && duplex.destroyed;
      const error = isOver ? new DialError("backend_failed", CLOSED_AT_ONCE) : failure;
      if (error === null) {
        const { agentId, agentName } = link;
        resolve({ duplex, via: "agent", agentId, agentName, isLeaving: () => link.isLeaving });
        return;
      }
      duplex.destroy();
      reject(error);
    };
    const onAbort = (): void => settle(new DialError("backend_failed", null));
    const timer = setTimeout(
      () => settle(new DialError("backend_timeout", "The agent did not answer in time.")),
      connectTimeoutMs + REPLY_GRACE_MS,
    );
    // A stream may end while it is bound, before there is a `duplex` to drop.
    const report = (error: DialError | null): void => queueMicrotask(() => settle(error));
    const duplex = new StreamDuplex(
      new DialedStream(stream, {
        onReply: (reply) => report(toError(reply)),
        onBadReply: () => report(new DialError("backend_failed", BAD_REPLY)),
        onNoReply: (why) =>
          report(
            why === "session_closed"
              ? new DialError("agent_offline", LINK_LOST)
              : new DialError("backend_failed", NO_REPLY),
          ),
      }),
    );
    // Whoever uses the connection hears of its end; between the dial and its use nobody does.
    duplex.on("error", () => undefined);
    signal.addEventListener("abort", onAbort);
  });
}

function openStream(link: StreamLink): MuxStreamPort {
  try {
    return link.openStream();
  } catch (error) {
    if (isAppError(error)) throw new DialError("limit_reached", LINK_FULL);
    throw error;
  }
}

function toError({ status, message }: StreamReply): DialError | null {
  if (status === "ok") return null;
  return new DialError(CODE_OF[status], message === "" ? null : message);
}
