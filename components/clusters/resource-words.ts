import { formatCount, formatThreeDigits, plural } from "#components/lib/format.ts";
import type { DotTone } from "#components/ui/tone.ts";
import type { ClusterDetailsDto } from "#protocol/api/clusters.ts";

type Resources = NonNullable<ClusterDetailsDto["resources"]>;
type Pods = NonNullable<Resources["pods"]>;
type Nodes = NonNullable<Resources["nodes"]>;
type GatewayApi = NonNullable<ClusterDetailsDto["gatewayApi"]>;

/** A count is made about once a minute; one that is this old says that nobody counts any more, milliseconds. */
const OLD_AFTER_MS = 5 * 60_000;

export function isOld(at: string, nowMs: number): boolean {
  return nowMs - Date.parse(at) > OLD_AFTER_MS;
}

/** `3.92 cores`. */
export function formatCores(millicores: number): string {
  const cores = millicores / 1_000;
  const text = cores >= 999.5 ? formatCount(cores) : trimZeros(formatThreeDigits(cores));
  return `${text} ${cores === 1 ? "core" : "cores"}`;
}

const trimZeros = (text: string): string => text.replace(/\.0+$|(\.\d*[1-9])0+$/, "$1");

export interface PodPhase {
  readonly name: string;
  readonly tone: DotTone;
  readonly count: number;
}

/** The phases that pods are in, without empty ones. What is in no known phase is lost contact with its node. */
export function podPhases(pods: Pods): readonly PodPhase[] {
  const known = pods.running + pods.pending + pods.succeeded + pods.failed;
  const phases: readonly PodPhase[] = [
    { name: "Running", tone: "success", count: pods.running },
    { name: "Pending", tone: "warning", count: pods.pending },
    { name: "Failed", tone: "danger", count: pods.failed },
    { name: "Succeeded", tone: "info", count: pods.succeeded },
    { name: "Unknown", tone: "off", count: Math.max(0, pods.total - known) },
  ];
  return phases.filter(({ count }) => count > 0);
}

/** What an operator should know of the nodes beside their number, in words; empty when all is well. */
export function nodeNotes({ total, ready, unschedulable }: Nodes): readonly string[] {
  const notes: string[] = [];
  if (ready < total) notes.push(`${formatCount(total - ready)} not ready`);
  if (unschedulable > 0) {
    notes.push(
      `${formatCount(unschedulable)} ${unschedulable === 1 ? "takes" : "take"} no new pods`,
    );
  }
  return notes;
}

/** `v1.36.3` when all are alike, else how many run what. */
export function kubeletWords({ kubeletVersions }: Nodes): string | null {
  const [first, ...others] = kubeletVersions;
  if (first === undefined) return null;
  if (others.length === 0) return `kubelet ${first.version}`;
  return kubeletVersions
    .map(({ version, nodes }) => `${version} on ${formatCount(nodes)}`)
    .join(", ");
}

/** What is installed, in words: `v1.6.3, standard channel`. */
export function bundleWords({ bundleVersion, channel, kinds }: GatewayApi): string {
  if (kinds.every(({ version }) => version === null)) return "not installed";
  const parts = [bundleVersion, channel === null ? null : `${channel} channel`];
  const known = parts.filter((part) => part !== null);
  return known.length === 0 ? "installed, version unknown" : known.join(", ");
}

export function servicesWords({ loadBalancers }: NonNullable<Resources["services"]>): string {
  return loadBalancers === 0 ? "none is a LoadBalancer" : plural(loadBalancers, "LoadBalancer");
}
