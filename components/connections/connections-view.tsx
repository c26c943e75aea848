"use client";

import { useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useState } from "react";
import { useCanOperate } from "#components/lib/me.tsx";
import { plural } from "#components/lib/format.ts";
import { useSearchParam } from "#components/lib/use-search-param.ts";
import { PageHeader } from "#components/layout/page-header.tsx";
import { useTunnelsLive } from "#components/tunnels/use-tunnels-live.ts";
import { Button } from "#components/ui/button.tsx";
import { Card } from "#components/ui/card.tsx";
import { EmptyState } from "#components/ui/empty-state.tsx";
import { QueryView } from "#components/ui/query-view.tsx";
import { Segmented } from "#components/ui/segmented.tsx";
import { SkeletonRows } from "#components/ui/skeleton.tsx";
import { CloseConnectionsDialog } from "./close-connections-dialog.tsx";
import { closedColumns, openColumns } from "./connection-columns.tsx";
import { ConnectionFilterBar, useConnectionPlaces } from "./connection-filter.tsx";
import { connectionQueries, EVERYWHERE } from "./connection-queries.ts";
import { connectionRates } from "./connection-rates.ts";
import { ConnectionRows } from "./connection-rows.tsx";
import {
  closeTarget,
  countTunnels,
  filterConnections,
  parseConnectionOrder,
  sortConnections,
} from "./connection-view.ts";
import { useCloseConnection, useCloseConnections } from "./use-close-connections.ts";
import { useConnectionsLive } from "./use-connections-live.ts";

const STATES = ["open", "closed"] as const;
type StateName = (typeof STATES)[number];

/** Everything open now, over all tunnels, and what closed lately. */
export function ConnectionsView() {
  useConnectionsLive("fleet");
  useTunnelsLive();
  const [state, setState] = useSearchParam<StateName>("state", "open", STATES);
  const query = useQuery(connectionQueries.open(EVERYWHERE));
  const openCount = query.data?.items.length;
  return (
    <>
      <PageHeader
        title="Connections"
        actions={
          <Segmented<StateName>
            label="Which connections"
            value={state}
            options={[
              { value: "open", label: openCount === undefined ? "Open" : `Open ${openCount}` },
              { value: "closed", label: "Recently closed" },
            ]}
            onChange={setState}
          />
        }
      />
      <Card>{state === "open" ? <OpenPanel /> : <ClosedPanel />}</Card>
    </>
  );
}

function OpenPanel() {
  const query = useQuery(connectionQueries.open(EVERYWHERE));
  const places = useConnectionPlaces();
  const canOperate = useCanOperate();
  const close = useCloseConnection();
  const [isAsking, setAsking] = useState(false);
  const closeMany = useCloseConnections(() => setAsking(false));
  const [sort, setSort] = useSearchParam("sort", "opened");
  const order = useMemo(() => parseConnectionOrder(sort), [sort]);
  const items = query.data?.items;
  const { filter, tunnels, placeOf } = places;
  const rows = useMemo(
    () =>
      sortConnections(filterConnections(items ?? [], filter, tunnels), order, ({ id }) =>
        connectionRates.perSecond(id),
      ),
    [items, filter, tunnels, order],
  );
  // Rates are differences: the first is known one second after this.
  useEffect(() => connectionRates.begin(items ?? []), [items]);
  const onClose = canOperate ? close.mutate : null;
  const closeShown = (): void => closeMany.mutate(closeTarget(rows, filter));
  return (
    <QueryView
      query={query}
      failure="The connections could not be loaded"
      skeleton={<SkeletonRows rows={8} label="Loading connections" />}
    >
      {({ items: all }) =>
        all.length === 0 ? (
          <EmptyState title="No connection is open">
            They appear here within a second of the first client.
          </EmptyState>
        ) : (
          <>
            <ConnectionFilterBar places={places} shown={rows.length} total={all.length}>
              {canOperate && rows.length > 0 && (
                <Button variant="danger" onClick={() => setAsking(true)}>
                  Close {rows.length}…
                </Button>
              )}
            </ConnectionFilterBar>
            {rows.length === 0 ? (
              <NoMatch onClear={places.clear} />
            ) : (
              <ConnectionRows
                caption="Open connections"
                rows={rows}
                columns={openColumns({ placeOf, onClose, order, onSort: setSort })}
                choice={JSON.stringify([filter, sort])}
                placeOf={placeOf}
                onClose={onClose}
              />
            )}
            <CloseConnectionsDialog
              count={rows.length}
              where={`on ${plural(countTunnels(rows), "tunnel")}`}
              isOpen={isAsking}
              isBusy={closeMany.isPending}
              onOpenChange={setAsking}
              onConfirm={closeShown}
            />
          </>
        )
      }
    </QueryView>
  );
}

function ClosedPanel() {
  const query = useQuery(connectionQueries.closed(EVERYWHERE));
  const places = useConnectionPlaces();
  const { filter, tunnels, placeOf } = places;
  const items = query.data?.items;
  const rows = useMemo(
    () => filterConnections(items ?? [], filter, tunnels),
    [items, filter, tunnels],
  );
  return (
    <QueryView
      query={query}
      failure="The closed connections could not be loaded"
      skeleton={<SkeletonRows rows={8} label="Loading closed connections" />}
    >
      {({ items: all }) =>
        all.length === 0 ? (
          <EmptyState title="No connection was closed lately" />
        ) : (
          <>
            <ConnectionFilterBar places={places} shown={rows.length} total={all.length} />
            {rows.length === 0 ? (
              <NoMatch onClear={places.clear} />
            ) : (
              <ConnectionRows
                caption="Recently closed connections"
                rows={rows}
                columns={closedColumns(placeOf)}
                choice={JSON.stringify(filter)}
                placeOf={placeOf}
                onClose={null}
              />
            )}
          </>
        )
      }
    </QueryView>
  );
}

function NoMatch({ onClear }: { readonly onClear: () => void }) {
  return (
    <EmptyState
      title="No connection matches"
      action={<Button onClick={onClear}>Clear the filter</Button>}
    />
  );
}
