"use client";

import { useQuery } from "@tanstack/react-query";
import { Box, Plus } from "lucide-react";
import { useSearchParam } from "#components/lib/use-search-param.ts";
import { useCanOperate } from "#components/lib/me.tsx";
import { Page, PageHeader } from "#components/layout/page-header.tsx";
import { ButtonLink } from "#components/ui/button.tsx";
import { Card } from "#components/ui/card.tsx";
import { EmptyState } from "#components/ui/empty-state.tsx";
import { Icon } from "#components/ui/icon.tsx";
import { Input } from "#components/ui/input.tsx";
import { QueryView } from "#components/ui/query-view.tsx";
import type { ClusterDto } from "#protocol/api/clusters.ts";
import { clusterQueries } from "./cluster-queries.ts";
import { ClustersTable } from "./clusters-table.tsx";

/** All clusters. */
export function ClustersView() {
  const query = useQuery(clusterQueries.list());
  const canOperate = useCanOperate();
  const [typed, setTyped] = useSearchParam("q", "");
  const count = query.data?.items.length ?? 0;
  return (
    <Page>
      <PageHeader
        title="Clusters"
        actions={
          <>
            {count > 5 && (
              <div className="w-52">
                <Input
                  type="search"
                  aria-label="Filter clusters"
                  placeholder="Filter by name"
                  value={typed}
                  onChange={(event) => setTyped(event.target.value)}
                />
              </div>
            )}
            {canOperate && count > 0 && (
              <ButtonLink href="/clusters/new" variant="primary">
                <Icon icon={Plus} />
                Add cluster
              </ButtonLink>
            )}
          </>
        }
      />
      <Card>
        <QueryView query={query} failure="The clusters could not be loaded">
          {({ items }) => <Clusters clusters={items} typed={typed} canAdd={canOperate} />}
        </QueryView>
      </Card>
    </Page>
  );
}

interface ClustersProps {
  readonly clusters: readonly ClusterDto[];
  readonly typed: string;
  readonly canAdd: boolean;
}

function Clusters({ clusters, typed, canAdd }: ClustersProps) {
  if (clusters.length === 0) {
    return (
      <EmptyState
        icon={Box}
        title="No cluster is connected yet"
        action={
          canAdd && (
            <ButtonLink href="/clusters/new" variant="primary">
              Add cluster
            </ButtonLink>
          )
        }
      >
        Give it a name, run one command there, and its services appear here.
      </EmptyState>
    );
  }
  const wanted = typed.trim().toLowerCase();
  const shown = clusters.filter(({ name }) => name.toLowerCase().includes(wanted));
  if (shown.length === 0) return <EmptyState title={`No cluster is called “${typed}”`} />;
  return <ClustersTable clusters={shown} />;
}
