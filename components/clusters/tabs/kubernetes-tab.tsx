"use client";

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Boxes } from "lucide-react";
import { useLiveEvent } from "#components/lib/use-live-room.ts";
import { Card } from "#components/ui/card.tsx";
import { EmptyState } from "#components/ui/empty-state.tsx";
import { QueryView } from "#components/ui/query-view.tsx";
import type { ClusterDto } from "#protocol/api/clusters.ts";
import { clusterKeys, clusterQueries } from "../cluster-queries.ts";
import { GatewayApiCard } from "./gateway-api-card.tsx";
import { ResourcesCard } from "./resources-card.tsx";

interface KubernetesTabProps {
  readonly cluster: Pick<ClusterDto, "id" | "discovery">;
}

/** What the cluster consists of, and which versions of the Gateway API it serves. */
export function KubernetesTab({ cluster }: KubernetesTabProps) {
  const queryClient = useQueryClient();
  const query = useQuery(clusterQueries.contents(cluster.id));
  useLiveEvent("cluster", ({ id }) => {
    if (id !== cluster.id) return;
    void queryClient.invalidateQueries({ queryKey: clusterKeys.contents(cluster.id) });
  });
  return (
    <QueryView query={query} failure="What the cluster consists of could not be loaded">
      {({ resources, gatewayApi, loadBalancers }) =>
        resources === null && gatewayApi === null ? (
          <Card>
            <NothingKnown discovery={cluster.discovery} />
          </Card>
        ) : (
          <div className="flex flex-col gap-5">
            <ResourcesCard resources={resources} loadBalancers={loadBalancers} />
            <GatewayApiCard status={gatewayApi} />
          </div>
        )
      }
    </QueryView>
  );
}

function NothingKnown({ discovery }: Pick<ClusterDto, "discovery">) {
  if (discovery === "kubernetes") {
    return (
      <EmptyState icon={Boxes} title="Nothing was counted yet">
        An agent counts its cluster within a minute of its start, unless it is limited to some
        namespaces or told not to count.
      </EmptyState>
    );
  }
  return (
    <EmptyState icon={Boxes} title="No agent reads a Kubernetes API here">
      Nodes, pods and Gateway API versions are shown for agents that run in a Kubernetes cluster.
    </EmptyState>
  );
}
