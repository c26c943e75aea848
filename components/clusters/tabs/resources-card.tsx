"use client";

import { TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import { cn } from "#components/lib/cn.ts";
import { formatBytes, formatCount } from "#components/lib/format.ts";
import { useNow } from "#components/lib/use-now.ts";
import { Card, CardHeader } from "#components/ui/card.tsx";
import { Chip } from "#components/ui/chip.tsx";
import { EmptyState } from "#components/ui/empty-state.tsx";
import { Icon } from "#components/ui/icon.tsx";
import { RelativeTime } from "#components/ui/relative-time.tsx";
import { Dot } from "#components/ui/status.tsx";
import type { ClusterDetailsDto } from "#protocol/api/clusters.ts";
import {
  formatCores,
  isOld,
  kubeletWords,
  nodeNotes,
  podPhases,
  servicesWords,
} from "../resource-words.ts";

type Resources = NonNullable<ClusterDetailsDto["resources"]>;

interface ResourcesCardProps {
  readonly resources: Resources | null;
  readonly loadBalancers: readonly string[];
}

/** The cluster in a few figures, and when they were taken. */
export function ResourcesCard({ resources, loadBalancers }: ResourcesCardProps) {
  return (
    <Card>
      <CardHeader title="Cluster" actions={resources !== null && <CountedAt at={resources.at} />}>
        {resources?.kubernetesVersion != null && (
          <Chip>Kubernetes {resources.kubernetesVersion}</Chip>
        )}
      </CardHeader>
      {resources === null ? (
        <EmptyState title="Nothing was counted yet">
          An agent counts its cluster within a minute of its start, unless it is limited to some
          namespaces or told not to count.
        </EmptyState>
      ) : (
        <div className="overflow-hidden rounded-b-lg">
          <dl className="grid gap-px bg-line sm:grid-cols-2 xl:grid-cols-4">
            <NodesFigure nodes={resources.nodes} />
            <PodsFigure pods={resources.pods} />
            <CapacityFigure capacity={resources.capacity} />
            <ServicesFigure resources={resources} />
          </dl>
          <LoadBalancers addresses={loadBalancers} />
          <Problems problems={resources.problems} />
        </div>
      )}
    </Card>
  );
}

function CountedAt({ at }: { readonly at: string }) {
  const now = useNow();
  return (
    <span className={cn("text-sm", isOld(at, now) ? "text-warning" : "text-muted")}>
      Counted <RelativeTime at={at} />
    </span>
  );
}

interface FigureProps {
  readonly name: string;
  /** Null where the agent may not read it. */
  readonly value: ReactNode;
  readonly children?: ReactNode;
}

function Figure({ name, value, children }: FigureProps) {
  return (
    <div className="min-w-0 bg-surface px-4 py-3.5">
      <dt className="text-sm text-muted">{name}</dt>
      <dd>
        {value === null ? (
          <span className="text-muted">Not permitted</span>
        ) : (
          <span className="block text-xl font-medium tabular-nums">{value}</span>
        )}
        {children !== undefined && <span className="block text-sm text-muted">{children}</span>}
      </dd>
    </div>
  );
}

function NodesFigure({ nodes }: Pick<Resources, "nodes">) {
  if (nodes === null) return <Figure name="Nodes ready" value={null} />;
  const notes = nodeNotes(nodes);
  return (
    <Figure name="Nodes ready" value={`${formatCount(nodes.ready)} of ${formatCount(nodes.total)}`}>
      {notes.length > 0 && <span className="block text-warning">{notes.join(", ")}</span>}
      {kubeletWords(nodes)}
    </Figure>
  );
}

function PodsFigure({ pods }: Pick<Resources, "pods">) {
  if (pods === null) return <Figure name="Pods" value={null} />;
  return (
    <Figure name="Pods" value={formatCount(pods.total)}>
      <span className="flex flex-wrap gap-x-3">
        {podPhases(pods).map(({ name, tone, count }) => (
          <span key={name} className="inline-flex items-center gap-1.5 whitespace-nowrap">
            <Dot tone={tone} />
            {formatCount(count)} {name.toLowerCase()}
          </span>
        ))}
      </span>
    </Figure>
  );
}

function CapacityFigure({ capacity }: Pick<Resources, "capacity">) {
  if (capacity === null) return <Figure name="Capacity" value={null} />;
  return (
    <Figure name="Capacity" value={formatCores(capacity.cpuMillicores)}>
      {formatBytes(capacity.memoryBytes)} of memory, room for {formatCount(capacity.pods)} pods
    </Figure>
  );
}

function ServicesFigure({ resources }: { readonly resources: Resources }) {
  const { services, namespaces } = resources;
  return (
    <Figure name="Services" value={services === null ? null : formatCount(services.total)}>
      {services !== null && <span className="block">{servicesWords(services)}</span>}
      {namespaces !== null && <>in {formatCount(namespaces)} namespaces</>}
    </Figure>
  );
}

function LoadBalancers({ addresses }: { readonly addresses: readonly string[] }) {
  if (addresses.length === 0) return null;
  return (
    <p className="border-t border-line px-4 py-3 text-sm text-muted">
      Load balancers answer at{" "}
      <span className="mono text-fg [overflow-wrap:anywhere]">{addresses.join(", ")}</span>
    </p>
  );
}

function Problems({ problems }: Pick<Resources, "problems">) {
  if (problems.length === 0) return null;
  return (
    <ul className="flex flex-col gap-1.5 border-t border-line px-4 py-3">
      {problems.map((problem) => (
        <li key={problem} className="flex gap-2 text-sm text-muted">
          <span className="pt-0.5 text-warning">
            <Icon icon={TriangleAlert} />
          </span>
          {problem}
        </li>
      ))}
    </ul>
  );
}
