"use client";

import { useQuery } from "@tanstack/react-query";
import { Lock } from "lucide-react";
import { AuditList } from "#components/activity/audit-list.tsx";
import { ThroughputChart } from "#components/charts/throughput-chart.tsx";
import { usePageCrumb } from "#components/layout/crumb-store.ts";
import { Facts, Page, PageHeader } from "#components/layout/page-header.tsx";
import { ApiError } from "#components/lib/api-client.ts";
import { plural } from "#components/lib/format.ts";
import { useCanOperate } from "#components/lib/me.tsx";
import { useLiveRoom } from "#components/lib/use-live-room.ts";
import { useSearchParam } from "#components/lib/use-search-param.ts";
import { TunnelsTable } from "#components/tunnels/tunnels-table.tsx";
import { ButtonLink } from "#components/ui/button.tsx";
import { Card } from "#components/ui/card.tsx";
import { Chip } from "#components/ui/chip.tsx";
import { EmptyState } from "#components/ui/empty-state.tsx";
import { QueryView } from "#components/ui/query-view.tsx";
import { RelativeTime } from "#components/ui/relative-time.tsx";
import { Switch } from "#components/ui/switch.tsx";
import { Tabs, type TabSpec } from "#components/ui/tabs.tsx";
import type { ClusterDto } from "#protocol/api/clusters.ts";
import type { ClusterId } from "#protocol/api/ids.ts";
import { clusterQueries } from "./cluster-queries.ts";
import { ClusterStatus } from "./cluster-status.tsx";
import { CLUSTER_TYPE, discoveryWord } from "./cluster-words.ts";
import { AgentsTab } from "./tabs/agents-tab.tsx";
import { ClusterSettingsTab } from "./tabs/cluster-settings-tab.tsx";
import { GatewaysTab } from "./tabs/gateways-tab.tsx";
import { KubernetesTab } from "./tabs/kubernetes-tab.tsx";
import { WaitingPanel } from "./tabs/waiting-panel.tsx";
import { useForceCluster } from "./use-cluster-mutations.ts";

const TABS = ["tunnels", "gateways", "kubernetes", "agents", "events", "settings"] as const;
type TabName = (typeof TABS)[number];

interface ClusterViewProps {
  readonly clusterId: ClusterId;
}

export function ClusterView({ clusterId }: ClusterViewProps) {
  const query = useQuery(clusterQueries.detail(clusterId));
  useLiveRoom(`cluster:${clusterId}`);
  usePageCrumb(query.data?.name ?? null);
  if (query.error instanceof ApiError && query.error.code === "not_found") {
    return (
      <Page>
        <Card>
          <EmptyState
            title="This cluster is gone"
            action={<ButtonLink href="/clusters">All clusters</ButtonLink>}
          >
            It was deleted, or the address is wrong.
          </EmptyState>
        </Card>
      </Page>
    );
  }
  return (
    <QueryView
      query={query}
      failure="The cluster could not be loaded"
      skeleton={<Page>{null}</Page>}
    >
      {(cluster) => <ClusterPage cluster={cluster} />}
    </QueryView>
  );
}

function ClusterPage({ cluster }: { readonly cluster: ClusterDto }) {
  const [tab, setTab] = useSearchParam<TabName>("tab", "tunnels", TABS);
  return (
    <Page>
      <ClusterHeader cluster={cluster} />
      {cluster.status === "waiting" && <WaitingPanel clusterId={cluster.id} />}
      {cluster.status !== "waiting" && <ThroughputChart scope={`cluster:${cluster.id}`} />}
      <Tabs label="Of this cluster" value={tab} onChange={setTab} tabs={tabsOf(cluster)} />
    </Page>
  );
}

function tabsOf(cluster: ClusterDto): TabSpec<TabName>[] {
  return [
    { value: "tunnels", label: "Tunnels", content: <TunnelsTable clusterId={cluster.id} /> },
    { value: "gateways", label: "Gateways", content: <GatewaysTab clusterId={cluster.id} /> },
    { value: "kubernetes", label: "Kubernetes", content: <KubernetesTab cluster={cluster} /> },
    { value: "agents", label: "Agents", content: <AgentsTab clusterId={cluster.id} /> },
    {
      value: "events",
      label: "Events",
      content: (
        <Card label="Events">
          <AuditList filter={{ objectKind: "cluster", objectId: cluster.id }} limit={50} />
        </Card>
      ),
    },
    { value: "settings", label: "Settings", content: <ClusterSettingsTab cluster={cluster} /> },
  ];
}

function ClusterHeader({ cluster }: { readonly cluster: ClusterDto }) {
  const force = useForceCluster();
  const canOperate = useCanOperate();
  const isForced = force.isPending ? force.variables.isForced : cluster.forceTunnel;
  const isUp = cluster.status === "connected" || cluster.status === "degraded";
  const kind =
    cluster.kubernetesVersion === null
      ? discoveryWord(cluster.discovery)
      : `Kubernetes ${cluster.kubernetesVersion}`;
  return (
    <PageHeader
      title={cluster.name}
      chips={
        <>
          {cluster.type !== "unknown" && <Chip>{CLUSTER_TYPE[cluster.type]}</Chip>}
          {cluster.forceTunnel && (
            <Chip tone="warning" icon={Lock}>
              Forced through tunnel
            </Chip>
          )}
        </>
      }
      actions={
        <div className="w-full rounded-lg md:w-80 border border-line bg-surface px-3.5 py-2.5 shadow-card">
          <Switch
            tone="warning"
            isOn={isForced}
            isDisabled={!canOperate}
            isBusy={force.isPending}
            onChange={(next) => force.mutate({ cluster, isForced: next })}
            label="Force all through the tunnel"
            hint={<ForceHint cluster={cluster} />}
          />
        </div>
      }
    >
      <Facts>
        <span>
          <ClusterStatus status={cluster.status} />
        </span>
        {cluster.agents.total > 0 && (
          <span>
            {cluster.agents.connected} of {plural(cluster.agents.total, "agent")}
          </span>
        )}
        <span>{plural(cluster.tunnels.total, "tunnel")}</span>
        <span>{plural(cluster.connections.open, "open connection")}</span>
        {kind !== null && <span>{kind}</span>}
        {!isUp && cluster.lastSeenAt !== null && (
          <span>
            last seen <RelativeTime at={cluster.lastSeenAt} />
          </span>
        )}
      </Facts>
    </PageHeader>
  );
}

function ForceHint({ cluster }: { readonly cluster: ClusterDto }) {
  if (cluster.forcedBy === null) {
    return <>Whatever its tunnels ask for. What is open stays open.</>;
  }
  return (
    <>
      Since <RelativeTime at={cluster.forcedBy.setAt} look="moment" /> by {cluster.forcedBy.setBy}
    </>
  );
}
