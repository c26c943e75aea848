"use client";

import { useQuery } from "@tanstack/react-query";
import dynamic from "next/dynamic";
import Link from "next/link";
import { useState } from "react";
import { AuditList } from "#components/activity/audit-list.tsx";
import { ThroughputChart } from "#components/charts/throughput-chart.tsx";
import { clusterQueries } from "#components/clusters/cluster-queries.ts";
import { Page } from "#components/layout/page-header.tsx";
import { Card, CardHeader } from "#components/ui/card.tsx";
import { QueryView } from "#components/ui/query-view.tsx";
import { Skeleton } from "#components/ui/skeleton.tsx";
import type { ClusterDto } from "#protocol/api/clusters.ts";
import { BusiestTunnels } from "./busiest-tunnels.tsx";
import { NeedsAttention } from "./needs-attention.tsx";
import { StatCards } from "./stat-cards.tsx";

/** Needed on an empty installation alone. */
const AddCluster = dynamic(() =>
  import("#components/clusters/add/add-cluster.tsx").then((module) => module.AddCluster),
);

const ACTIVITY_ROWS = 7;

/** Is everything all right? */
export function Overview() {
  const query = useQuery(clusterQueries.list());
  // The flow stays until its end, though the cluster it makes is in the list at once.
  const [isAdding, setAdding] = useState(false);
  return (
    <Page>
      <QueryView
        query={query}
        failure="The overview could not be loaded"
        skeleton={<OverviewSkeleton />}
      >
        {({ items }) =>
          items.length === 0 || isAdding ? (
            <AddCluster isFirst onBegin={() => setAdding(true)} />
          ) : (
            <Dashboard clusters={items} />
          )
        }
      </QueryView>
    </Page>
  );
}

function Dashboard({ clusters }: { readonly clusters: readonly ClusterDto[] }) {
  return (
    <>
      <h1 className="sr-only">Overview</h1>
      <StatCards clusters={clusters} />
      <div className="grid items-start gap-5 lg:grid-cols-[minmax(0,1fr)_320px] min-[1400px]:grid-cols-[minmax(0,1fr)_372px]">
        <div className="flex min-w-0 flex-col gap-5">
          <ThroughputChart scope="fleet" />
          <BusiestTunnels />
        </div>
        <div className="flex min-w-0 flex-col gap-5">
          <NeedsAttention clusters={clusters} />
          <Card>
            <CardHeader
              title="Latest activity"
              actions={
                <Link href="/activity" className="rounded-sm text-xs text-muted hover:text-fg">
                  All activity
                </Link>
              }
            />
            <AuditList limit={ACTIVITY_ROWS} />
          </Card>
        </div>
      </div>
    </>
  );
}

function OverviewSkeleton() {
  return (
    <div role="status" aria-label="Loading the overview" className="flex flex-col gap-5">
      <div className="grid grid-cols-2 gap-4 lg:grid-cols-4">
        {Array.from({ length: 4 }, (_, index) => (
          <Skeleton key={index} className="h-[104px] rounded-lg" />
        ))}
      </div>
      <div className="grid gap-5 lg:grid-cols-[minmax(0,1fr)_372px]">
        <Skeleton className="h-[300px] rounded-lg" />
        <Skeleton className="h-[300px] rounded-lg" />
      </div>
    </div>
  );
}
