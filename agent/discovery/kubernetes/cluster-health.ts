import type { DiscoveryProblem } from "../discovery.ts";
import type { KubernetesApiError } from "./api-error.ts";

/** One part of discovery that reads from the API server, and why it cannot. */
export interface HealthSource {
  readonly resource: string;
  readonly error: KubernetesApiError | null;
}

/**
 * What is wrong between the agent and the API server, in as few sentences as possible: one outage is one problem,
 * however many kinds it hits and however its error changes, until everything is well again.
 */
export class ClusterHealth {
  #outage: string | null = null;
  #problems: readonly DiscoveryProblem[] = [];

  get problems(): readonly DiscoveryProblem[] {
    return this.#problems;
  }

  /** @returns whether the problems are others than before. */
  update(sources: readonly HealthSource[]): boolean {
    const errors = sources.flatMap(({ error }) => (error === null ? [] : [error]));
    // A kind that is not served is no failure: the list of versions says so, with advice.
    const failing = errors.find(({ status }) => status !== 403 && status !== 404);
    this.#outage = failing === undefined ? null : (this.#outage ?? failing.message);
    const problems: DiscoveryProblem[] = sources
      .filter(({ error }) => error?.status === 403)
      .map(({ resource }) => ({ where: resource, reason: describeDenied(resource) }));
    if (this.#outage !== null) {
      problems.unshift({ where: "Kubernetes API", reason: this.#outage });
    }
    const isSame = JSON.stringify(problems) === JSON.stringify(this.#problems);
    this.#problems = problems;
    return !isSame;
  }
}

export function describeDenied(resource: string): string {
  return `The agent may not list and watch ${resource}: grant it with the chart or the manifests of this version.`;
}
