import type { DialWebSocketResult } from "#mux/transport/websocket/dial.ts";
import type { MuxClock } from "#mux/session/clock.ts";
import { step, type TransitionTable } from "#mux/state-machine.ts";
import type { Log } from "../log.ts";
import type { LinkCounters } from "../metrics/agent-counters.ts";
import { AgentLink, type AgentLinkOptions, type LinkOutcome } from "./agent-link.ts";
import { parseRetryAfterMs, retryDelayMs } from "./backoff.ts";
import { describeDialFailure, describeLinkOutcome, type Verdict } from "./describe-outcome.ts";
import { dialFailureReason, linkOutcomeReason } from "./outcome-reasons.ts";

export type SlotState = "idle" | "dialing" | "handshaking" | "up" | "waiting" | "stopped";
export type SlotEvent = "dial" | "connected" | "registered" | "lost" | "stop";

/**
 *   idle --dial--> dialing --connected--> handshaking --registered--> up
 *                   ^   |                      |                      |
 *                   |   +---------lost---------+----------lost--------+--> waiting
 *                   +------------------------- dial ------------------------+
 *   stop: from anywhere to stopped.
 */
export const SLOT_TRANSITIONS: TransitionTable<SlotState, SlotEvent> = {
  idle: { dial: "dialing", stop: "stopped" },
  dialing: { connected: "handshaking", lost: "waiting", stop: "stopped" },
  handshaking: { registered: "up", lost: "waiting", stop: "stopped" },
  up: { lost: "waiting", stop: "stopped" },
  waiting: { dial: "dialing", stop: "stopped" },
  stopped: { stop: "stopped" },
};

/** A link must have lived this long before earlier failures are forgotten. */
const HEALTHY_MS = 30_000;

export type DialLink = (link: AgentLink, signal: AbortSignal) => Promise<DialWebSocketResult>;

export interface LinkSlotOptions {
  readonly url: URL;
  readonly dial: DialLink;
  readonly link: Omit<AgentLinkOptions, "events">;
  readonly events: Omit<AgentLinkOptions["events"], "onServerDrain">;
  readonly clock: MuxClock;
  readonly random: () => number;
  readonly log: Log;
}

/** The place of one link: dials, and dials again for as long as it is not stopped. */
export class LinkSlot {
  readonly #options: LinkSlotOptions;
  readonly #stopping = new AbortController();
  #state: SlotState = "idle";
  #link: AgentLink | null = null;
  #attempt = 0;
  #upAt: number | null = null;
  #downAt: number | null = null;
  /** Said in the log already: one outage is one line. */
  #lastSentence: string | null = null;
  #cancelTimer: () => void = () => undefined;

  constructor(options: LinkSlotOptions) {
    this.#options = options;
  }

  get #counters(): LinkCounters {
    return this.#options.link.counters;
  }

  get state(): SlotState {
    return this.#state;
  }

  get link(): AgentLink | null {
    return this.#link;
  }

  /** Why it is not up; null while it is. */
  get trouble(): string | null {
    return this.#state === "up" ? null : this.#lastSentence;
  }

  start(): void {
    this.#downAt = this.#options.clock.now();
    void this.#dial();
  }

  /** Ends for good; its link too, unless it was let go of before. Idempotent. */
  stop(): void {
    if (this.#state === "stopped") return;
    this.#advance("stop");
    this.#cancelTimer();
    this.#stopping.abort();
    const link = this.#link;
    this.#link = null;
    link?.close("going_away", "the agent stops");
  }

  /** Stops without touching the link, which is drained by whoever asked. */
  release(): AgentLink | null {
    const link = this.#link;
    this.#link = null;
    this.stop();
    return link;
  }

  #advance(event: SlotEvent): void {
    this.#state = step(SLOT_TRANSITIONS, this.#state, event);
  }

  async #dial(): Promise<void> {
    const options = this.#options;
    const { events } = options;
    this.#advance("dial");
    const link = new AgentLink({
      ...options.link,
      events: {
        onHello: events.onHello,
        onStream: events.onStream,
        onPublished: events.onPublished,
        onUp: (up, cluster) => {
          if (this.#link === up) this.#onUp();
          events.onUp(up, cluster);
        },
        onServerDrain: (draining, reason) => this.#onServerDrain(draining, reason),
        onOver: (over, outcome) => this.#onOver(over, outcome),
      },
    });
    this.#link = link;
    const result = await options.dial(link, this.#stopping.signal);
    if (this.#link !== link || this.#stopping.signal.aborted) {
      if (result.kind === "connected") result.link.destroy();
      return;
    }
    if (result.kind === "connected") {
      this.#advance("connected");
      link.attach(result.link);
      return;
    }
    this.#link = null;
    this.#counters.registrationErrors.add({ reason: dialFailureReason(result) });
    this.#wait(describeDialFailure(result, options.url));
  }

  #onUp(): void {
    const { clock, log } = this.#options;
    this.#advance("registered");
    this.#counters.opened += 1;
    this.#upAt = clock.now();
    const downMs = Math.round(this.#upAt - (this.#downAt ?? this.#upAt));
    if (this.#lastSentence !== null) log.info("Connected again", { afterMs: downMs });
    this.#lastSentence = null;
  }

  /** That a relay is linked already is how linking to several works, and no error. */
  #count(outcome: LinkOutcome): void {
    if (outcome.kind === "duplicate") return;
    const { lost, registrationErrors } = this.#counters;
    const counts = this.#state === "up" ? lost : registrationErrors;
    counts.add({ reason: linkOutcomeReason(outcome) });
  }

  /** The draining link carries on beside the new one that this slot dials now. */
  #onServerDrain(link: AgentLink, reason: string): void {
    if (this.#link !== link || this.#state !== "up") return;
    this.#link = null;
    this.#counters.lost.add({ reason: "drained" });
    const sentence = `The server goes away: ${reason === "" ? "it is shutting down" : reason.replace(/\.$/, "")}.`;
    this.#wait({ sentence, retry: "backoff", retryAfter: null });
  }

  #onOver(link: AgentLink, outcome: LinkOutcome): void {
    const isMine = this.#link === link;
    if (isMine) this.#link = null;
    this.#options.events.onOver(link, outcome);
    if (isMine) this.#count(outcome);
    if (isMine && this.#state !== "stopped") this.#wait(describeLinkOutcome(outcome));
  }

  #wait(verdict: Verdict): void {
    const { clock, random, link } = this.#options;
    const now = clock.now();
    const wasHealthy = this.#upAt !== null && now - this.#upAt >= HEALTHY_MS;
    if (wasHealthy) this.#attempt = 0;
    if (this.#upAt !== null) this.#downAt = now;
    this.#upAt = null;
    const delayMs = Math.max(
      retryDelayMs(verdict.retry, this.#attempt, random),
      parseRetryAfterMs(verdict.retryAfter, link.wallClock()),
    );
    this.#attempt += 1;
    this.#advance("lost");
    this.#report(verdict, delayMs);
    if (delayMs === Number.POSITIVE_INFINITY) return;
    this.#cancelTimer = clock.setTimer(delayMs, () => void this.#dial());
  }

  #report({ sentence, retry }: Verdict, delayMs: number): void {
    const { log } = this.#options;
    const fields = { retryInMs: delayMs, attempt: this.#attempt };
    // That the other relay answered is how linking to several works, and no trouble.
    if (retry === "elsewhere" || sentence === this.#lastSentence) log.debug(sentence, fields);
    else log.warn(sentence, fields);
    if (retry !== "elsewhere") this.#lastSentence = sentence;
  }
}
