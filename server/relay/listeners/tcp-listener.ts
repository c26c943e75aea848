import { createServer, type Server, type Socket } from "node:net";
import type { ListenerState } from "#protocol/relay/events.ts";
import type { TunnelId } from "#protocol/api/ids.ts";
import type { Clock } from "#server/lib/clock.ts";
import { advance } from "#server/lib/state-machine.ts";
import { describeBindError } from "./bind-error.ts";
import { LISTENER_TRANSITIONS, type ListenerEvent, type ListenerPhase } from "./listener-states.ts";
import type { PortClaims } from "./port-claims.ts";

/** How long a port that is taken is left alone before the next try. */
const RETRY_DELAY_MS = 3_000;
/** Clients the kernel holds for us while we are busy; it caps this at its own bound. */
const BACKLOG = 4_096;

export interface TcpListenerOptions {
  readonly tunnelId: TunnelId;
  readonly host: string;
  readonly port: number;
  readonly claims: PortClaims;
  readonly clock: Clock;
  readonly retryDelayMs?: number;
  /** An accepted socket, not read from yet; the callee owns it. */
  readonly onConnection: (socket: Socket) => void;
  /** Called at every change of what an operator would be told. */
  readonly onState: (state: ListenerState) => void;
}

/** One relay port. A port that is taken is tried again until it is free or the listener is stopped. */
export class TcpListener {
  readonly #options: TcpListenerOptions;
  #phase: ListenerPhase = "starting";
  #server: Server | null = null;
  #retryTimer: NodeJS.Timeout | undefined;
  #reported: ListenerState | null = null;

  constructor(options: TcpListenerOptions) {
    this.#options = options;
  }

  get port(): number {
    return this.#options.port;
  }

  /** What was reported last; null before the first attempt has ended. */
  get state(): ListenerState | null {
    return this.#reported;
  }

  /** @returns once it listens or has failed for the first time. Call once. */
  async start(): Promise<void> {
    const { host, port, claims } = this.#options;
    try {
      await claims.bind(host, port, (reusePort) => this.#listen(reusePort));
      // The wait for a sibling may have outlived us.
      if (this.#phase === "stopped") this.#closeServer();
    } catch (error) {
      this.#onFailure(error);
    }
  }

  /** Frees the port at once; connections that were accepted live on. Idempotent. */
  stop(): void {
    if (this.#phase === "stopped") return;
    clearTimeout(this.#retryTimer);
    this.#advance("stop");
    this.#closeServer();
    this.#report("stopped", null);
  }

  #listen(reusePort: boolean): Promise<void> {
    const { host, port, onConnection } = this.#options;
    if (this.#phase !== "starting") return Promise.resolve();
    const server = createServer({ pauseOnConnect: true, allowHalfOpen: true, noDelay: true });
    this.#server = server;
    server.on("connection", onConnection);
    return new Promise((resolve, reject) => {
      server.once("error", reject);
      server.listen({ host, port, backlog: BACKLOG, reusePort }, () => {
        server.removeListener("error", reject);
        server.on("error", (error) => this.#onFailure(error));
        if (this.#phase === "starting") {
          this.#advance("bound");
          this.#report("listening", null);
        }
        resolve();
      });
    });
  }

  #onFailure(error: unknown): void {
    this.#closeServer();
    if (this.#phase === "stopped" || this.#phase === "failed") return;
    this.#advance("bindFailed");
    this.#report("failed", describeBindError(error, this.#options.port));
    const delayMs = this.#options.retryDelayMs ?? RETRY_DELAY_MS;
    this.#retryTimer = setTimeout(() => {
      this.#advance("retry");
      void this.start();
    }, delayMs);
  }

  #closeServer(): void {
    this.#server?.close();
    this.#server = null;
    this.#options.claims.release(this.#options.port);
  }

  #report(state: ListenerState["state"], reason: string | null): void {
    const { tunnelId, port, clock, onState } = this.#options;
    const before = this.#reported;
    if (before !== null && before.state === state && before.reason === reason) return;
    this.#reported = { tunnelId, port, state, reason, since: clock.now() };
    onState(this.#reported);
  }

  #advance(event: ListenerEvent): void {
    this.#phase = advance(LISTENER_TRANSITIONS, this.#phase, event);
  }
}
