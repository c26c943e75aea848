import type { Logger } from "#server/observability/logger.ts";
import { SupervisedChild } from "./child.ts";

/** Longer than a relay lets its connections end. */
const RELAY_DRAIN_TIMEOUT_MS = 30_000;
const WEB_DRAIN_TIMEOUT_MS = 10_000;

export interface ChildProgram {
  readonly name: string;
  readonly program: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

export interface SupervisorOptions {
  readonly web: ChildProgram;
  readonly relays: readonly ChildProgram[];
  readonly log: Logger;
  readonly stdout: "inherit" | "ignore" | number;
  readonly stderr: (text: string) => void;
  /** A line for the person at the terminal. Held back until every process has become ready once. */
  readonly onNotice: (text: string) => void;
  /** After every process has stopped. `sentence` says why when it was not asked for. */
  readonly onStopped: (sentence: string | null) => void;
}

/** Keeps one web process and the relay processes alive, and ends them in order. */
export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #web: SupervisedChild;
  readonly #relays: readonly SupervisedChild[];
  readonly #waitingForReady = new Set<string>();
  readonly #ready = Promise.withResolvers<void>();
  #notices: string[] = [];
  #stopping: Promise<void> | null = null;

  constructor(options: SupervisorOptions) {
    this.#options = options;
    this.#web = this.#child(options.web, WEB_DRAIN_TIMEOUT_MS);
    this.#relays = options.relays.map((relay) => this.#child(relay, RELAY_DRAIN_TIMEOUT_MS));
  }

  /** Resolves when every process has become ready once; never when one cannot. */
  get ready(): Promise<void> {
    return this.#ready.promise;
  }

  /** Process ids by name, of those that run now. */
  get pids(): Readonly<Record<string, number>> {
    const named = [this.#options.web, ...this.#options.relays].map(({ name }) => name);
    const pids: Record<string, number> = {};
    for (const [i, child] of [this.#web, ...this.#relays].entries()) {
      const name = named[i];
      if (child.pid !== null && name !== undefined) pids[name] = child.pid;
    }
    return pids;
  }

  start(): void {
    this.#web.start();
    for (const relay of this.#relays) relay.start();
  }

  /** Relays first: what they report while they drain still finds the web process. Idempotent. */
  async stop(sentence: string | null = null): Promise<void> {
    this.#stopping ??= this.#stopAll(sentence);
    await this.#stopping;
  }

  async #stopAll(sentence: string | null): Promise<void> {
    await Promise.all(this.#relays.map((relay) => relay.stop()));
    await this.#web.stop();
    this.#options.onStopped(sentence);
  }

  /** Ends everything at once. */
  kill(): void {
    for (const child of [...this.#relays, this.#web]) child.kill();
  }

  #child(program: ChildProgram, drainTimeoutMs: number): SupervisedChild {
    this.#waitingForReady.add(program.name);
    return new SupervisedChild({
      ...program,
      drainTimeoutMs,
      log: this.#options.log,
      stdout: this.#options.stdout,
      stderr: this.#options.stderr,
      onReady: () => this.#onReady(program.name),
      onNotice: (text) => this.#onNotice(text),
      onFatal: (sentence) => void this.stop(sentence),
    });
  }

  #onReady(name: string): void {
    this.#options.log.info({ child: name }, "child process ready");
    if (!this.#waitingForReady.delete(name) || this.#waitingForReady.size > 0) return;
    for (const text of this.#notices) this.#options.onNotice(text);
    this.#notices = [];
    this.#ready.resolve();
  }

  #onNotice(text: string): void {
    if (this.#waitingForReady.size > 0) this.#notices.push(text);
    else this.#options.onNotice(text);
  }
}
