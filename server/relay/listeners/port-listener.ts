import type { ListenerState } from "#protocol/relay/events.ts";
import type { Clock } from "#server/lib/clock.ts";
import { advance } from "#server/lib/state-machine.ts";
import { describeBindError } from "./bind-error.ts";
import { LISTENER_TRANSITIONS, type ListenerEvent, type ListenerPhase } from "./listener-states.ts";
import type { PortClaims, Transport } from "./port-claims.ts";

/** How long a port that is taken is left alone before the next try. */
const RETRY_DELAY_MS = 3_000;

/** A port that is bound. */
export interface OpenPort {
  /** Takes nothing new. What was taken lives on. Idempotent. */
  stop(): void;
}

export interface BindOptions {
  readonly host: string;
  readonly port: number;
  readonly reusePort: boolean;
  /** The socket broke after it was bound. */
  readonly onBroken: (error: Error) => void;
}

/** What an operator would be told of a port. */
export type PortState = Omit<ListenerState, "tunnelId">;

export interface PortListenerOptions {
  readonly transport: Transport;
  readonly host: string;
  readonly port: number;
  readonly claims: PortClaims;
  readonly clock: Clock;
  readonly retryDelayMs?: number;
  /** @throws the system's error. */
  readonly bind: (options: BindOptions) => Promise<OpenPort>;
  /** Called at every change of what an operator would be told. */
  readonly onState: (state: PortState) => void;
}

/** One relay port. A port that is taken is tried again until it is free or the listener is stopped. */
export class PortListener {
  readonly #options: PortListenerOptions;
  #phase: ListenerPhase = "starting";
  #open: OpenPort | null = null;
  #retryTimer: NodeJS.Timeout | undefined;
  #reported: PortState | null = null;

  constructor(options: PortListenerOptions) {
    this.#options = options;
  }

  get port(): number {
    return this.#options.port;
  }

  /** What was reported last; null before the first attempt has ended. */
  get state(): PortState | null {
    return this.#reported;
  }

  /** @returns once it listens or has failed for the first time. Call once. */
  async start(): Promise<void> {
    const { host, port, transport, claims } = this.#options;
    try {
      await claims.bind({ host, port, transport }, (reusePort) => this.#bind(reusePort));
      // The wait for a sibling may have outlived us.
      if (this.#phase === "stopped") this.#close();
    } catch (error) {
      this.#onFailure(error);
    }
  }

  /** Frees the port at once; what was accepted lives on. Idempotent. */
  stop(): void {
    if (this.#phase === "stopped") return;
    clearTimeout(this.#retryTimer);
    this.#advance("stop");
    this.#close();
    this.#report("stopped", null);
  }

  async #bind(reusePort: boolean): Promise<void> {
    const { host, port, bind } = this.#options;
    if (this.#phase !== "starting") return;
    const onBroken = (error: Error): void => this.#onFailure(error);
    this.#open = await bind({ host, port, reusePort, onBroken });
    if (this.#phase !== "starting") return;
    this.#advance("bound");
    this.#report("listening", null);
  }

  #onFailure(error: unknown): void {
    this.#close();
    if (this.#phase === "stopped" || this.#phase === "failed") return;
    this.#advance("bindFailed");
    this.#report("failed", describeBindError(error, this.#options.port));
    const delayMs = this.#options.retryDelayMs ?? RETRY_DELAY_MS;
    this.#retryTimer = setTimeout(() => {
      this.#advance("retry");
      void this.start();
    }, delayMs);
  }

  #close(): void {
    this.#open?.stop();
    this.#open = null;
    this.#options.claims.release(this.#options.port);
  }

  #report(state: PortState["state"], reason: string | null): void {
    const { port, clock, onState } = this.#options;
    const before = this.#reported;
    if (before !== null && before.state === state && before.reason === reason) return;
    this.#reported = { port, state, reason, since: clock.now() };
    onState(this.#reported);
  }

  #advance(event: ListenerEvent): void {
    this.#phase = advance(LISTENER_TRANSITIONS, this.#phase, event);
  }
}
