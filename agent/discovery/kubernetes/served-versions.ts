import { z } from "zod";
import type { DiscoveryApi } from "./api-client.ts";
import { KubernetesApiError, statusOf } from "./api-error.ts";
import { GATEWAY_GROUP, WATCHED_KINDS } from "./watched-kinds.ts";

/** Served versions of each kind of the Gateway API, by kind; a kind without any has an empty list. */
export type ServedTable = ReadonlyMap<string, readonly string[]>;

const Group = z.object({ versions: z.array(z.object({ version: z.string() })).max(32) });
const Resources = z.object({
  resources: z.array(z.object({ name: z.string(), kind: z.string() })),
});

/** Looks that must agree before a kind counts as gone: a CRD that is replaced is away for a moment. */
const ABSENT_LOOKS = 2;

const KINDS = WATCHED_KINDS.filter(({ group }) => group === GATEWAY_GROUP);

const NOT_READY = new KubernetesApiError({
  status: 0,
  code: "not_ready",
  message: "The API server is not ready yet.",
});

export interface ServedVersionsOptions {
  readonly api: DiscoveryApi;
  /** Between two looks. */
  readonly intervalMs: number;
  /** Before a look that confirms that something is gone, or follows a failed one. */
  readonly confirmMs: number;
  /** After every look: what is served, or why nobody knows. */
  readonly onLook: (error: KubernetesApiError | null) => void;
}

/** Asks API discovery again and again which versions of the Gateway API are served. */
export class ServedVersions {
  readonly #options: ServedVersionsOptions;
  readonly #stop = new AbortController();
  readonly #absentLooks = new Map<string, number>();
  #table: ServedTable | null = null;
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> | null = null;

  constructor(options: ServedVersionsOptions) {
    this.#options = options;
  }

  /** Null until the first look has succeeded. */
  get table(): ServedTable | null {
    return this.#table;
  }

  /** Looks now, and from then on regularly. Looks never overlap. */
  lookNow(): void {
    if (this.#stop.signal.aborted || this.#looking !== null) return;
    clearTimeout(this.#timer);
    this.#looking = this.#look().finally(() => {
      this.#looking = null;
    });
  }

  async close(): Promise<void> {
    this.#stop.abort();
    clearTimeout(this.#timer);
    await this.#looking;
  }

  async #look(): Promise<void> {
    let failure: KubernetesApiError | null = null;
    let isSettled = false;
    try {
      const confirmed = this.#confirm(await this.#see());
      isSettled = [...this.#absentLooks.values()].every((n) => n === 0 || n >= ABSENT_LOOKS);
      // A server that has just started may not have read its CRDs yet.
      if (isSettled || this.#table !== null) this.#table = confirmed;
    } catch (error) {
      if (!(error instanceof KubernetesApiError) && !this.#stop.signal.aborted) throw error;
      failure = error instanceof KubernetesApiError ? error : null;
    }
    if (this.#stop.signal.aborted) return;
    const { intervalMs, confirmMs, onLook } = this.#options;
    const delayMs = isSettled ? intervalMs : confirmMs;
    this.#timer = setTimeout(() => this.lookNow(), Math.max(delayMs, failure?.retryAfterMs ?? 0));
    onLook(failure);
  }

  async #see(): Promise<ServedTable> {
    const seen = await this.#ask();
    if (!this.#isNews(seen)) return seen;
    const isReady = await this.#options.api.isReady({ signal: this.#stop.signal });
    if (!isReady) throw NOT_READY;
    return seen;
  }

  async #ask(): Promise<ServedTable> {
    const { api } = this.#options;
    const { signal } = this.#stop;
    const table = new Map<string, string[]>(KINDS.map(({ kind }) => [kind, []]));
    const root = `/apis/${GATEWAY_GROUP}`;
    const group = await orAbsent(api.get(root, { signal }));
    const versions = group === null ? [] : parse(Group, group).versions;
    for (const { version } of versions) {
      const answer = await orAbsent(api.get(`${root}/${encodeURIComponent(version)}`, { signal }));
      if (answer === null) continue;
      const { resources } = parse(Resources, answer);
      for (const { kind, resource } of KINDS) {
        const isServed = resources.some((item) => item.kind === kind && item.name === resource);
        if (isServed) table.get(kind)?.push(version);
      }
    }
    return table;
  }

  /** Whether a kind is absent that has not been known to be. */
  #isNews(seen: ServedTable): boolean {
    return [...seen].some(
      ([kind, served]) => served.length === 0 && (this.#absentLooks.get(kind) ?? 0) < ABSENT_LOOKS,
    );
  }

  /** What was served a moment ago counts as served until a second look agrees that it is gone. */
  #confirm(seen: ServedTable): ServedTable {
    const table = new Map<string, readonly string[]>();
    for (const [kind, served] of seen) {
      const before = this.#table?.get(kind) ?? [];
      const looks = served.length > 0 ? 0 : (this.#absentLooks.get(kind) ?? 0) + 1;
      this.#absentLooks.set(kind, looks);
      table.set(kind, looks === 0 || looks >= ABSENT_LOOKS ? served : before);
    }
    return table;
  }
}

async function orAbsent(answer: Promise<unknown>): Promise<unknown> {
  try {
    return await answer;
  } catch (error) {
    if (statusOf(error) === 404) return null;
    throw error;
  }
}

function parse<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const message = "The API server's list of versions cannot be understood.";
  throw new KubernetesApiError({ status: 0, code: "malformed", message, cause: parsed.error });
}
