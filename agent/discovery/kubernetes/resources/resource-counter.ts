import { z } from "zod";
import type { ClusterResources } from "#protocol/control/cluster-resources.ts";
import type { KubernetesApi } from "../api-client.ts";
import { statusOf } from "../api-error.ts";
import { countNodes, type NodeCount } from "./count-nodes.ts";
import { countAll, countPhases, countServices, type PodPhases } from "./count-objects.ts";

/** Above these, a full count costs the API server too much to make it every minute. */
const MANY_PODS = 5_000;
const MANY_NODES = 500;
/** Rounds that such a count serves. */
const ROUNDS_OF_A_LARGE_COUNT = 10;

const Version = z.object({ gitVersion: z.string().max(253) });

type Pods = NonNullable<ClusterResources["pods"]>;

const sumOf = ({ running, pending, succeeded, failed }: PodPhases): number =>
  running + pending + succeeded + failed;

/** One part of the summary: the last answer stands while a later question fails, unless it is forbidden. */
interface Part<T> {
  last: T | null;
  /** Rounds until it is asked again. */
  rest: number;
  /** Why `last` is not up to date while it rests; null where it is. */
  problem: string | null;
  readonly isLarge: (value: T) => boolean;
}

function unasked<T>(isLarge: (value: T) => boolean = () => false): Part<T> {
  return { last: null, rest: 0, problem: null, isLarge };
}

/** Counts what a cluster consists of, round by round. Between rounds it keeps sums and nothing else. */
export class ResourceCounter {
  readonly #api: KubernetesApi;
  readonly #now: () => Date;
  readonly #version = unasked<string>();
  readonly #nodes = unasked<NodeCount>(({ nodes }) => nodes.total > MANY_NODES);
  readonly #phases = unasked<PodPhases>((phases) => sumOf(phases) > MANY_PODS);
  readonly #podTotal = unasked<number>();
  readonly #services = unasked<NonNullable<ClusterResources["services"]>>();
  readonly #namespaces = unasked<number>();

  constructor(api: KubernetesApi, now: () => Date) {
    this.#api = api;
    this.#now = now;
  }

  /**
   * Order:  never twice at once.
   *
   * @param late  aborted once: what was not counted by then is not up to date, and what took so long rests.
   * @returns null when the API server answered nothing: what was known stands.
   * @throws the reason of `stop` when that aborts.
   */
  async count(stop: AbortSignal, late: AbortSignal): Promise<ClusterResources | null> {
    const api = this.#api;
    const signal = AbortSignal.any([stop, late]);
    const round: Round = { problems: new Map(), answers: 0, signal, stop, late };
    await ask(round, "the version", this.#version, () => readVersion(api, signal));
    const nodes = await ask(round, "nodes", this.#nodes, () => countNodes(api, signal));
    const services = await ask(round, "services", this.#services, () => countServices(api, signal));
    const pods = await this.#countPods(round);
    const namespaces = await ask(round, "namespaces", this.#namespaces, () =>
      countAll(api, "/api/v1/namespaces", signal),
    );
    if (round.answers === 0) return null;
    return {
      at: this.#now().toISOString(),
      kubernetesVersion: this.#version.last,
      nodes: nodes?.nodes ?? null,
      capacity: nodes?.capacity ?? null,
      pods,
      services,
      namespaces,
      problems: [...round.problems.values()],
    };
  }

  async #countPods(round: Round): Promise<Pods | null> {
    const { signal } = round;
    const total = await ask(round, "pods", this.#podTotal, () =>
      countAll(this.#api, "/api/v1/pods", signal),
    );
    if (total === null) return null;
    const phases = await ask(round, "pods", this.#phases, () => countPhases(this.#api, signal));
    if (phases === null) return null;
    // Pods come and go between the two questions.
    return { total: Math.max(total, sumOf(phases)), ...phases };
  }
}

interface Round {
  /** By what could not be read. */
  readonly problems: Map<string, string>;
  answers: number;
  /** Of either of the others. */
  readonly signal: AbortSignal;
  readonly stop: AbortSignal;
  readonly late: AbortSignal;
}

async function ask<T>(
  round: Round,
  what: string,
  part: Part<T>,
  question: () => Promise<T>,
): Promise<T | null> {
  if (part.rest > 0) {
    part.rest -= 1;
    if (part.problem !== null) round.problems.set(what, part.problem);
    return part.last;
  }
  if (round.late.aborted) {
    round.problems.set(what, sentenceFor(what, false, TOO_LONG));
    return part.last;
  }
  try {
    part.last = await question();
    round.answers += 1;
    part.problem = null;
    if (part.isLarge(part.last)) part.rest = ROUNDS_OF_A_LARGE_COUNT - 1;
  } catch (error) {
    round.stop.throwIfAborted();
    const isForbidden = statusOf(error) === 403;
    if (isForbidden) {
      part.last = null;
      round.answers += 1;
    }
    const isTooLong = round.late.aborted && !isForbidden;
    part.problem = sentenceFor(what, isForbidden, isTooLong ? TOO_LONG : error);
    if (isTooLong) part.rest = ROUNDS_OF_A_LARGE_COUNT - 1;
    round.problems.set(what, part.problem);
  }
  return part.last;
}

const TOO_LONG = "The API server takes too long to list everything.";

function sentenceFor(what: string, isForbidden: boolean, error: unknown): string {
  if (isForbidden)
    return `The agent may not read ${what}: its role in the cluster does not allow it.`;
  const reason = error instanceof Error ? error.message : String(error);
  return `The count of ${what} is not up to date: ${reason}`.slice(0, 1_024);
}

async function readVersion(api: KubernetesApi, signal: AbortSignal): Promise<string> {
  return Version.parse(await api.get("/version", { signal })).gitVersion;
}
