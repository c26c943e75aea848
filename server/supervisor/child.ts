import { fork, type ChildProcess } from "node:child_process";
import { backoffMs } from "#server/lib/backoff.ts";
import { advance } from "#server/lib/state-machine.ts";
import type { Logger } from "#server/observability/logger.ts";
import { ChildMessage, FATAL_EXIT_CODE } from "./child-message.ts";
import { CHILD_TRANSITIONS, type ChildEvent, type ChildState } from "./child-states.ts";
import { LastLine } from "./last-line.ts";

/** A child that lived this long was healthy: its failures before are forgotten. */
const HEALTHY_AFTER_MS = 30_000;
/** Starts in a row that never became ready before we give up. */
const FAILED_STARTS_MAX = 5;
const RESTART_BASE_MS = 200;
const RESTART_CAP_MS = 10_000;

export interface ChildOptions {
  /** `web`, `rl_1` … for the log. */
  readonly name: string;
  readonly program: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** How long it may drain before it is killed. */
  readonly drainTimeoutMs: number;
  readonly log: Logger;
  readonly onReady: () => void;
  readonly onNotice: (text: string) => void;
  /** It cannot work, and no restart would help. */
  readonly onFatal: (sentence: string) => void;
  /** Where its standard output goes: ours, or nowhere we care about. */
  readonly stdout: "inherit" | "ignore" | number;
  readonly stderr: (text: string) => void;
}

/** One child process that is started again whenever it dies, until it is told to stop. */
export class SupervisedChild {
  readonly #options: ChildOptions;
  #state: ChildState = "starting";
  #process: ChildProcess | null = null;
  #startedAtMs = 0;
  #wasReady = false;
  #failures = 0;
  #restartTimer: NodeJS.Timeout | undefined;
  #killTimer: NodeJS.Timeout | undefined;
  readonly #stopped = Promise.withResolvers<void>();

  constructor(options: ChildOptions) {
    this.#options = options;
  }

  get state(): ChildState {
    return this.#state;
  }

  get pid(): number | null {
    return this.#process?.pid ?? null;
  }

  start(): void {
    const { program, args, env, stdout, stderr } = this.#options;
    this.#startedAtMs = performance.now();
    this.#wasReady = false;
    // Its own process group: Ctrl-C in a terminal reaches the supervisor alone, which drains in order.
    // It cannot outlive us: the end of the IPC channel tells it that we are gone.
    const child = fork(program, [...args], {
      env: { NODE_ENV: "production", ...env },
      detached: true,
      stdio: ["ignore", stdout, "pipe", "ipc"],
      execArgv: [],
    });
    this.#process = child;
    const lines = new LastLine(stderr);
    child.stderr?.setEncoding("utf8");
    child.stderr?.on("data", (text: string) => lines.push(text));
    child.on("message", (message) => this.#receive(message));
    child.on("error", (error) => {
      this.#options.log.error({ err: error, child: this.#options.name }, "child process failed");
    });
    // `close`, not `exit`: by then its last words have been read.
    child.on("close", (code, signal) => {
      const sentence = code === FATAL_EXIT_CODE ? lines.take() : null;
      if (sentence === null) lines.end();
      this.#onExit(code, signal, sentence);
    });
  }

  /** Asks it to drain; kills it when it takes too long. Idempotent. */
  async stop(): Promise<void> {
    if (this.#state !== "draining" && this.#state !== "stopped") {
      clearTimeout(this.#restartTimer);
      this.#advance("drain");
      if (this.#process === null) this.#finish();
      else {
        this.#process.kill("SIGTERM");
        this.#killTimer = setTimeout(() => this.kill(), this.#options.drainTimeoutMs);
      }
    }
    await this.#stopped.promise;
  }

  /** Ends it at once. */
  kill(): void {
    this.#process?.kill("SIGKILL");
  }

  #receive(raw: unknown): void {
    const message = ChildMessage.safeParse(raw);
    if (!message.success) return;
    if (message.data.type === "notice") this.#options.onNotice(message.data.text);
    else if (this.#state === "starting") {
      this.#wasReady = true;
      this.#advance("ready");
      this.#options.onReady();
    }
  }

  #onExit(code: number | null, signal: NodeJS.Signals | null, sentence: string | null): void {
    const { name, log, onFatal } = this.#options;
    this.#process = null;
    if (this.#state === "draining" || this.#state === "stopped") return this.#finish();
    const livedMs = performance.now() - this.#startedAtMs;
    this.#failures = livedMs >= HEALTHY_AFTER_MS ? 1 : this.#failures + 1;
    const isHopeless = !this.#wasReady && this.#failures >= FAILED_STARTS_MAX;
    if (code === FATAL_EXIT_CODE || isHopeless) {
      this.#finish();
      onFatal(sentence ?? `The ${name} process does not start (exit code ${code ?? signal}).`);
      return;
    }
    this.#advance("exited");
    const random = Math.random;
    const delayMs = backoffMs(this.#failures - 1, {
      baseMs: RESTART_BASE_MS,
      capMs: RESTART_CAP_MS,
      random,
    });
    log.warn({ child: name, code, signal, delayMs }, "child process died, restarting it");
    this.#restartTimer = setTimeout(() => {
      this.#advance("restart");
      this.start();
    }, delayMs);
  }

  #finish(): void {
    clearTimeout(this.#killTimer);
    clearTimeout(this.#restartTimer);
    if (this.#state !== "stopped") this.#advance("stopped");
    this.#stopped.resolve();
  }

  #advance(event: ChildEvent): void {
    this.#state = advance(CHILD_TRANSITIONS, this.#state, event);
  }
}
