"use client";

import { useQuery } from "@tanstack/react-query";
import { Network } from "lucide-react";
import { useState } from "react";
import { useSearchParam } from "#components/lib/use-search-param.ts";
import { Button } from "#components/ui/button.tsx";
import { Card, CardHeader } from "#components/ui/card.tsx";
import { Chip } from "#components/ui/chip.tsx";
import { EmptyState } from "#components/ui/empty-state.tsx";
import { Input } from "#components/ui/input.tsx";
import { QueryView } from "#components/ui/query-view.tsx";
import type { GatewayListDto } from "#protocol/api/clusters.ts";
import { clusterQueries } from "../cluster-queries.ts";
import { GatewayCard } from "../gateways/gateway-card.tsx";
import { ProblemList, type Problem } from "../gateways/problem-list.tsx";
import { placeOf, selectGateways, splitProblems } from "../gateways/select-gateways.ts";

/** More Gateways than this are shown page by page: a big cluster has hundreds, each a tree of its own. */
const PAGE_SIZE = 25;
const FILTER_FROM = 5;

interface GatewaysTabProps {
  readonly clusterId: string;
}

/** Gateway → listeners → routes → backends, with what is accepted and why not. */
export function GatewaysTab({ clusterId }: GatewaysTabProps) {
  const query = useQuery(clusterQueries.gateways(clusterId));
  return (
    <QueryView query={query} failure="The gateways could not be loaded">
      {(list) => <Gateways list={list} />}
    </QueryView>
  );
}

function Gateways({ list }: { readonly list: GatewayListDto }) {
  const [typed, setTyped] = useSearchParam("q", "");
  const [shown, setShown] = useState(PAGE_SIZE);
  const { byGateway, others } = splitProblems(list);
  const found = selectGateways(list.items, typed);
  const hidden = Math.max(0, found.length - shown);
  return (
    <div className="flex flex-col gap-5">
      <Problems problems={others} />
      {list.items.length >= FILTER_FROM && (
        <div className="max-w-80">
          <Input
            type="search"
            aria-label="Filter gateways"
            placeholder="Filter by name, host, route or reason code"
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
          />
        </div>
      )}
      {found.slice(0, shown).map((gateway) => (
        <GatewayCard
          key={placeOf(gateway)}
          gateway={gateway}
          problems={byGateway.get(placeOf(gateway)) ?? []}
        />
      ))}
      {found.length === 0 && <NoGateway isFiltered={list.items.length > 0} />}
      {hidden > 0 && (
        <div>
          <Button onClick={() => setShown(shown + PAGE_SIZE)}>
            Show {Math.min(PAGE_SIZE, hidden)} more of {hidden}
          </Button>
        </div>
      )}
    </div>
  );
}

function NoGateway({ isFiltered }: { readonly isFiltered: boolean }) {
  return (
    <Card>
      {isFiltered ? (
        <EmptyState icon={Network} title="No gateway matches">
          Try another word, or clear the filter.
        </EmptyState>
      ) : (
        <EmptyState icon={Network} title="No gateway was discovered yet">
          The agent reports every Gateway it is told to watch, with its listeners, routes and
          backends.
        </EmptyState>
      )}
    </Card>
  );
}

function Problems({ problems }: { readonly problems: readonly Problem[] }) {
  if (problems.length === 0) return null;
  return (
    <Card>
      <CardHeader title="Problems">
        <Chip tone="warning">{problems.length}</Chip>
      </CardHeader>
      <ProblemList problems={problems} hasPlaces />
    </Card>
  );
}
