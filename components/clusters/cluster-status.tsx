import { Status } from "#components/ui/status.tsx";
import type { ClusterStatus as ClusterStatusName } from "#protocol/api/clusters.ts";
import { CLUSTER_STATUS } from "./cluster-words.ts";

export function ClusterStatus({ status }: { readonly status: ClusterStatusName }) {
  const { tone, word } = CLUSTER_STATUS[status];
  return <Status tone={tone}>{word}</Status>;
}
