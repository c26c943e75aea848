import { setTimeout as wait } from "node:timers/promises";
import { step, type TransitionTable } from "#mux/state-machine.ts";
import type { Query } from "./api-call.ts";
import type { KubernetesApi, WatchEvent } from "./api-client.ts";
import { KubernetesApiError } from "./api-error.ts";
import { ObjectStore } from "./object-store.ts";
import type { ParsedObject } from "./parse-object.ts";

type Phase = "starting" | "healthy" | "failing" | "stopped";
type PhaseEvent = "listed" | "failed" | "stopped";

export const REFLECTOR_PHASES: TransitionTable<Phase, PhaseEvent> = {
  starting: { listed: "healthy", failed: "failing", stopped: "stopped" },
  healthy: { listed: "healthy", failed: "failing", stopped: "stopped" },
  failing: { listed: "healthy", failed: "failing", stopped: "stopped" },
  stopped: { stopped: "stopped" },
};

export interface ReflectorTimes {
  /** A watch without a byte for this long is opened again. The server sends bookmarks about every minute. */
  readonly silenceMs: number;
  /** How long the server is asked to keep a watch, seconds: anything from one to two times this. */
  readonly watchSeconds: number;
  /** Before retry number `attempt`, 0 for the first. */
  readonly retryDelayMs: (attempt: number) => number;
  /** For what an operator has to mend first. */
  readonly deniedDelayMs: () => number;
  /** Failures in a row are only worth a word after this time: API servers restart one by one. */
  readonly graceMs: number;
  /** A watch that lived this long makes earlier failures forgotten. */
  readonly healthyAfterMs: number;
}

export interface ReflectorOptions {
  readonly api: KubernetesApi;
  readonly path: string;
  readonly query: Query;
  readonly pageLimit: number;
  readonly parse: (raw: unknown) => ParsedObject;
  readonly times: ReflectorTimes;
  readonly random: () => number;
  /** A watch told of a change, whether or not anybody reads what has changed. */
  readonly onEvent: (event: "added" | "modified" | "deleted") => void;
  /** Its objects, or what is wrong with them, are not what they were. */
  readonly onChange: () => void;
  /** It became healthy, or failed again. */
  readonly onPhase: () => void;
}

const EVENT_WORDS = { ADDED: "added", MODIFIED: "modified", DELETED: "deleted" } as const;

interface OpenWatch {
  readonly events: AsyncGenerator<WatchEvent, void>;
  readonly endsAt: number;
}

/** What ended a watch although nothing was wrong with it. */
const ENDED_EARLY = new KubernetesApiError({
  status: 0,
  code: "ended",
  message: "The API server ended a watch before its time.",
});

/**
 * Mirrors one collection of the API: lists it in pages, then follows its changes, for ever.
 *
 * Its objects are always those of a complete list with the changes since; while lists fail they stay as they were. After
 * anything but an orderly end of a watch it lists from scratch, since a server that was restored from a backup
 * counts its versions from a lower number and would keep an old one waiting in silence.
 */
export class Reflector {
  readonly #options: ReflectorOptions;
  readonly #store = new ObjectStore();
  readonly #stop = new AbortController();
  #phase: Phase = "starting";
  #error: KubernetesApiError | null = null;
  /** Version to watch from; null when a list is needed. */
  #version: string | null = null;
  #hasListed = false;
  /** When the first of the failures in a row happened. */
  #failingSince: number | null = null;
  #done: Promise<void> | null = null;

  constructor(options: ReflectorOptions) {
    this.#options = options;
  }

  get objects(): ObjectStore {
    return this.#store;
  }

  get hasListed(): boolean {
    return this.#hasListed;
  }

  /** Why nothing new is seen; null when all is well or nobody knows yet. */
  get error(): KubernetesApiError | null {
    return this.#phase === "failing" ? this.#error : null;
  }

  start(): void {
    this.#done ??= this.#run();
  }

  /** Idempotent; nothing is called afterwards. */
  async close(): Promise<void> {
    this.#advance("stopped");
    this.#stop.abort();
    await this.#done;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    const { times } = this.#options;
    for (let attempt = 0; !signal.aborted; attempt += 1) {
      let watchingSince = Number.POSITIVE_INFINITY;
      try {
        if (this.#version === null) await this.#list();
        const events = await this.#openWatch(this.#version ?? "");
        watchingSince = performance.now();
        await this.#follow(events);
        attempt = -1;
      } catch (error) {
        if (signal.aborted) return;
        if (performance.now() - watchingSince >= times.healthyAfterMs) attempt = 0;
        await this.#recover(toApiError(error), attempt);
      }
    }
  }

  async #list(): Promise<void> {
    const { api, path, query, pageLimit, parse } = this.#options;
    const fresh = this.#store.beginList();
    let version = "";
    const pages = api.listPages(path, { query, limit: pageLimit, signal: this.#stop.signal });
    for await (const page of pages) {
      for (const item of page.items) fresh.add(parse(item));
      version = page.resourceVersion;
    }
    if (this.#stop.signal.aborted) return;
    const hasChanged = fresh.commit() || !this.#hasListed;
    this.#version = version;
    this.#hasListed = true;
    this.#succeed();
    if (hasChanged) this.#options.onChange();
  }

  async #openWatch(from: string): Promise<OpenWatch> {
    const { api, path, query, times, random } = this.#options;
    const timeoutSeconds = Math.ceil(times.watchSeconds * (1 + random()));
    const events = await api.watch(path, {
      query,
      resourceVersion: from,
      timeoutSeconds,
      silenceMs: times.silenceMs,
      signal: this.#stop.signal,
    });
    this.#succeed();
    // Servers round, and clocks differ.
    return { events, endsAt: performance.now() + timeoutSeconds * 900 };
  }

  /** @returns when the server ended the watch in its time. */
  async #follow({ events, endsAt }: OpenWatch): Promise<void> {
    for await (const event of events) {
      if (this.#stop.signal.aborted) return;
      this.#receive(event);
    }
    if (performance.now() < endsAt) throw ENDED_EARLY;
  }

  #receive({ type, object }: WatchEvent): void {
    const parsed = this.#options.parse(object);
    if (parsed.version !== null) this.#version = parsed.version;
    if (type === "BOOKMARK") return;
    this.#options.onEvent(EVENT_WORDS[type]);
    const hasChanged =
      type === "DELETED" ? this.#store.remove(parsed.key) : this.#store.put(parsed);
    if (hasChanged) this.#options.onChange();
  }

  async #recover(error: KubernetesApiError, attempt: number): Promise<void> {
    const { times } = this.#options;
    const isDenied = error.status === 403;
    const isUnknown = error.status === 404;
    // A version stays good where the server answered and only asks to wait or to be somebody else.
    if (![401, 403, 429].includes(error.status)) this.#version = null;
    const isRoutine = error.status === 410 || error.code === ENDED_EARLY.code;
    this.#failingSince ??= performance.now();
    const isLasting = performance.now() - this.#failingSince >= times.graceMs;
    if (isDenied || isUnknown || (isLasting && !isRoutine)) this.#fail(error);
    const delayMs = isDenied ? times.deniedDelayMs() : times.retryDelayMs(attempt);
    // Rejects only when it is closed meanwhile.
    await wait(Math.max(delayMs, error.retryAfterMs), undefined, {
      signal: this.#stop.signal,
    }).catch(() => undefined);
  }

  #succeed(): void {
    this.#failingSince = null;
    if (this.#stop.signal.aborted || this.#phase === "healthy") return;
    this.#error = null;
    this.#advance("listed");
    this.#options.onPhase();
  }

  #fail(error: KubernetesApiError): void {
    this.#error = error;
    this.#advance("failed");
    this.#options.onPhase();
  }

  #advance(event: PhaseEvent): void {
    this.#phase = step(REFLECTOR_PHASES, this.#phase, event);
  }
}

function toApiError(error: unknown): KubernetesApiError {
  if (error instanceof KubernetesApiError) return error;
  const message = `Reading from the API server failed: ${String(error)}`;
  return new KubernetesApiError({ status: 0, code: "failed", message, cause: error });
}
