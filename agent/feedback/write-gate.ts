import type { MuxClock } from "#mux/session/clock.ts";
import { KubernetesApiError, statusOf } from "../discovery/kubernetes/api-error.ts";
import type { Log } from "../log.ts";
import type { KubernetesCounters } from "../metrics/agent-counters.ts";
import type { FeedbackKind } from "./feedback-kinds.ts";

/** Somebody may grant what is missing while the agent runs. */
const DENIED_PAUSE_MS = 10 * 60_000;
const FAILED_PAUSE_MS = 15_000;

export interface WriteGateOptions {
  readonly clock: MuxClock;
  readonly log: Log;
  readonly writes: KubernetesCounters["feedbackWrites"];
}

/** Lets one kind of feedback write, counts it, and says an outage once: when it begins and when it is over. */
export class WriteGate {
  readonly #options: WriteGateOptions;
  readonly #kind: FeedbackKind;
  #pausedUntil = Number.NEGATIVE_INFINITY;
  #isFailing = false;

  constructor(kind: FeedbackKind, options: WriteGateOptions) {
    this.#kind = kind;
    this.#options = options;
  }

  get isOpen(): boolean {
    return this.#options.clock.now() >= this.#pausedUntil;
  }

  /** Milliseconds until it is tried again; null while nothing is wrong. */
  get retryInMs(): number | null {
    return this.#isFailing ? Math.max(0, this.#pausedUntil - this.#options.clock.now()) : null;
  }

  /**
   * Runs one write. Never rejects for what the API server says.
   *
   * @param write resolves with false when there was nothing to write.
   * @returns true when it is done, or somebody else has done it.
   */
  async run(what: string, write: () => Promise<boolean>): Promise<boolean> {
    if (!this.isOpen) return false;
    let isWritten: boolean;
    try {
      isWritten = await write();
    } catch (error) {
      if (!(error instanceof KubernetesApiError)) throw error;
      return this.#onError(what, error);
    }
    if (isWritten) this.#count(what, "written");
    this.#onSuccess();
    return true;
  }

  #onError(what: string, error: KubernetesApiError): boolean {
    const status = statusOf(error);
    // Another agent was faster, or the object is gone or another one by now: the next look decides anew.
    if (status === 409 || status === 404) {
      this.#count(what, status === 409 ? "unneeded" : "gone");
      return true;
    }
    this.#count(what, status === 403 ? "denied" : "failed");
    const { clock, log } = this.#options;
    const pauseMs = status === 403 ? DENIED_PAUSE_MS : FAILED_PAUSE_MS;
    this.#pausedUntil = clock.now() + Math.max(pauseMs, error.retryAfterMs);
    if (this.#isFailing) return false;
    this.#isFailing = true;
    const advice =
      status === 403
        ? ` Grant it with the chart's value feedback: [${this.#kind}], or leave ${this.#kind} out of CULVERT_FEEDBACK.`
        : " It is tried again.";
    log.warn(`Feedback could not be written: ${error.message}${advice}`, { feedback: this.#kind });
    return false;
  }

  #onSuccess(): void {
    if (!this.#isFailing) return;
    this.#isFailing = false;
    this.#options.log.info("Feedback is written again", { feedback: this.#kind });
  }

  #count(what: string, outcome: string): void {
    this.#options.writes.add({ what, outcome });
  }
}
