import type { ClusterResources } from "#protocol/control/cluster-resources.ts";
import type { KubernetesApi } from "../api-client.ts";

const PHASES = { running: "Running", pending: "Pending", succeeded: "Succeeded", failed: "Failed" };
const PHASE_NAMES = Object.keys(PHASES) as (keyof typeof PHASES)[];

export type PodPhases = Omit<NonNullable<ClusterResources["pods"]>, "total">;

/**
 * How many objects a collection has. One small answer: the server says how many follow the first.
 *
 * The API calls that number an estimate, and leaves it out where it does not know; then they are counted.
 */
export async function countAll(
  api: KubernetesApi,
  path: string,
  signal: AbortSignal,
): Promise<number> {
  for await (const page of api.listPages(path, { asRows: true, limit: 1, signal })) {
    if (page.isLast) return page.items.length;
    if (page.remainingItemCount !== null) return page.items.length + page.remainingItemCount;
    break;
  }
  return await countSelected(api, path, "", signal);
}

/** How many objects match: counted page by page, since the server does not count what it selects. */
async function countSelected(
  api: KubernetesApi,
  path: string,
  fieldSelector: string,
  signal: AbortSignal,
): Promise<number> {
  const query = fieldSelector === "" ? {} : { fieldSelector };
  let count = 0;
  for await (const { items } of api.listPages(path, { asRows: true, query, signal })) {
    count += items.length;
  }
  return count;
}

/** How many pods are in which phase. Each pod costs one row of text; none is kept. */
export async function countPhases(api: KubernetesApi, signal: AbortSignal): Promise<PodPhases> {
  const phases = { running: 0, pending: 0, succeeded: 0, failed: 0 };
  for (const name of PHASE_NAMES) {
    const selector = `status.phase=${PHASES[name]}`;
    phases[name] = await countSelected(api, "/api/v1/pods", selector, signal);
  }
  return phases;
}

export async function countServices(
  api: KubernetesApi,
  signal: AbortSignal,
): Promise<NonNullable<ClusterResources["services"]>> {
  const path = "/api/v1/services";
  const total = await countAll(api, path, signal);
  const loadBalancers = await countSelected(api, path, "spec.type=LoadBalancer", signal);
  return { total, loadBalancers };
}
