"use client";

import { Lock } from "lucide-react";
import Link from "next/link";
import { formatCount, formatRate } from "#components/lib/format.ts";
import { useLatestMetric } from "#components/lib/metric-store.ts";
import { Chip } from "#components/ui/chip.tsx";
import { RelativeTime } from "#components/ui/relative-time.tsx";
import { Table, TableBody, TableHead, TableRow, Td, Th } from "#components/ui/table.tsx";
import type { ClusterDto } from "#protocol/api/clusters.ts";
import type { LiveRoom } from "#protocol/live/events.ts";
import { ClusterSparkline } from "./cluster-sparkline.tsx";
import { ClusterStatus } from "./cluster-status.tsx";
import { CLUSTER_TYPE, discoveryWord } from "./cluster-words.ts";

interface ClustersTableProps {
  readonly clusters: readonly ClusterDto[];
}

/** A table, or below 768 px a list of cards with the same facts. */
export function ClustersTable({ clusters }: ClustersTableProps) {
  return (
    <>
      <div className="hidden md:block">
        <Table caption="Clusters">
          <TableHead>
            <Th>Cluster</Th>
            <Th>Status</Th>
            <Th>Kind</Th>
            <Th isNumber>Agents</Th>
            <Th isNumber>Tunnels</Th>
            <Th isNumber>Open</Th>
            <Th isNumber>Now</Th>
            <Th>
              <span className="sr-only">Last minutes</span>
            </Th>
            <Th isNumber>Last seen</Th>
          </TableHead>
          <TableBody>
            {clusters.map((cluster) => (
              <ClusterRow key={cluster.id} cluster={cluster} />
            ))}
          </TableBody>
        </Table>
      </div>
      <ul className="md:hidden">
        {clusters.map((cluster) => (
          <ClusterCard key={cluster.id} cluster={cluster} />
        ))}
      </ul>
    </>
  );
}

const scopeOf = (cluster: ClusterDto): LiveRoom => `cluster:${cluster.id}`;

function useNow(cluster: ClusterDto): { open: number; rate: number } {
  const latest = useLatestMetric(scopeOf(cluster));
  return {
    open: latest?.connectionsOpen ?? cluster.connections.open,
    rate: latest === null ? 0 : latest.bytesInPerSecond + latest.bytesOutPerSecond,
  };
}

function kindOf(cluster: ClusterDto): string {
  const parts = [
    cluster.kubernetesVersion === null
      ? discoveryWord(cluster.discovery)
      : `Kubernetes ${cluster.kubernetesVersion}`,
    cluster.type === "unknown" ? null : CLUSTER_TYPE[cluster.type],
  ].filter((part) => part !== null);
  return parts.length === 0 ? "–" : parts.join(" · ");
}

function Name({ cluster }: { readonly cluster: ClusterDto }) {
  return (
    <span className="inline-flex items-center gap-2">
      <Link
        href={`/clusters/${cluster.id}`}
        className="rounded-sm font-medium underline-offset-[3px] after:absolute after:inset-0 hover:underline"
      >
        {cluster.name}
      </Link>
      {cluster.forceTunnel && (
        <Chip tone="warning" icon={Lock}>
          Forced
        </Chip>
      )}
    </span>
  );
}

function LastSeen({ cluster }: { readonly cluster: ClusterDto }) {
  if (cluster.status === "connected" || cluster.status === "degraded") return <>now</>;
  return cluster.lastSeenAt === null ? <>never</> : <RelativeTime at={cluster.lastSeenAt} />;
}

function ClusterRow({ cluster }: { readonly cluster: ClusterDto }) {
  const { open, rate } = useNow(cluster);
  return (
    <TableRow className="relative">
      <Td>
        <Name cluster={cluster} />
      </Td>
      <Td>
        <ClusterStatus status={cluster.status} />
      </Td>
      <Td className="text-muted">{kindOf(cluster)}</Td>
      <Td isNumber className="text-muted">
        {cluster.agents.total === 0
          ? "–"
          : `${cluster.agents.connected} of ${cluster.agents.total}`}
      </Td>
      <Td isNumber className="text-muted">
        {cluster.tunnels.active === cluster.tunnels.total
          ? formatCount(cluster.tunnels.total)
          : `${cluster.tunnels.active} of ${cluster.tunnels.total}`}
      </Td>
      <Td isNumber>{formatCount(open)}</Td>
      <Td isNumber className={rate > 0 ? undefined : "text-faint"}>
        {formatRate(rate)}
      </Td>
      <Td className="w-28">
        <ClusterSparkline clusterId={cluster.id} />
      </Td>
      <Td isNumber className="text-muted">
        <LastSeen cluster={cluster} />
      </Td>
    </TableRow>
  );
}

function ClusterCard({ cluster }: { readonly cluster: ClusterDto }) {
  const { open, rate } = useNow(cluster);
  return (
    <li className="relative flex flex-col gap-1.5 border-b border-line px-4 py-3 last:border-0">
      <div className="flex items-center justify-between gap-3">
        <Name cluster={cluster} />
        <ClusterStatus status={cluster.status} />
      </div>
      <div className="flex items-end justify-between gap-3 text-xs text-muted">
        <span>
          {kindOf(cluster)}
          <br />
          {cluster.agents.connected} of {cluster.agents.total} agents · {cluster.tunnels.active} of{" "}
          {cluster.tunnels.total} tunnels · seen <LastSeen cluster={cluster} />
        </span>
        <span className="whitespace-nowrap text-right">
          {formatCount(open)} open
          <br />
          {formatRate(rate)}
        </span>
      </div>
    </li>
  );
}
