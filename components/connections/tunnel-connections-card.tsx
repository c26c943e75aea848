"use client";

import { useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useState } from "react";
import { useCanOperate } from "#components/lib/me.tsx";
import { useSearchParam } from "#components/lib/use-search-param.ts";
import { countOf, TRAFFIC } from "#components/tunnels/traffic-words.ts";
import { Button } from "#components/ui/button.tsx";
import { Card, CardHeader } from "#components/ui/card.tsx";
import { Chip } from "#components/ui/chip.tsx";
import { EmptyState } from "#components/ui/empty-state.tsx";
import { QueryView } from "#components/ui/query-view.tsx";
import { SkeletonRows } from "#components/ui/skeleton.tsx";
import type { TunnelProtocol } from "#protocol/api/tunnels.ts";
import { CloseConnectionsDialog } from "./close-connections-dialog.tsx";
import { closedColumns, openColumns } from "./connection-columns.tsx";
import { connectionQueries } from "./connection-queries.ts";
import { connectionRates } from "./connection-rates.ts";
import { ConnectionRows } from "./connection-rows.tsx";
import { closedRequestColumns, openRequestColumns } from "./request-row-columns.tsx";
import { parseConnectionOrder, sortConnections } from "./connection-view.ts";
import { useCloseConnection, useCloseConnections } from "./use-close-connections.ts";

const MAX_HEIGHT = "420px";
const VIEWS = ["open", "closed"] as const;
/** All of a tunnel are closed, and most requests of HTTP are never listed. */
const SHORT_REQUESTS = "So are requests in flight that are too young to be listed.";

interface TunnelConnectionsCardProps {
  readonly tunnelId: string;
  /** What people call the tunnel. */
  readonly name: string;
  readonly protocol: TunnelProtocol;
}

/** The connections of one tunnel: who is there, how much goes through, and a way to end it. */
export function TunnelConnectionsCard({ tunnelId, name, protocol }: TunnelConnectionsCardProps) {
  const [view, setView] = useSearchParam<(typeof VIEWS)[number]>("connections", "open", VIEWS);
  const [isAsking, setAsking] = useState(false);
  const canOperate = useCanOperate();
  const words = TRAFFIC[protocol];
  const closeAll = useCloseConnections(() => setAsking(false), words);
  const { data } = useQuery(connectionQueries.open({ tunnelId }));
  const count = data?.items.length ?? 0;
  return (
    <Card>
      <CardHeader
        title={words.title}
        actions={
          <>
            <Button
              variant="ghost"
              aria-pressed={view === "closed"}
              onClick={() => setView(view === "closed" ? "open" : "closed")}
            >
              {view === "closed" ? "Open now" : "Recently closed"}
            </Button>
            {canOperate && count > 0 && (
              <Button variant="danger" onClick={() => setAsking(true)}>
                Close {count}…
              </Button>
            )}
          </>
        }
      >
        <Chip>{view === "closed" ? "Recently closed" : `${count} open`}</Chip>
      </CardHeader>
      {view === "closed" ? (
        <ClosedRows tunnelId={tunnelId} protocol={protocol} />
      ) : (
        <OpenRows tunnelId={tunnelId} protocol={protocol} />
      )}
      <CloseConnectionsDialog
        count={count}
        words={words}
        {...(protocol === "http" && { also: SHORT_REQUESTS })}
        where={`on ${name}`}
        isOpen={isAsking}
        isBusy={closeAll.isPending}
        onOpenChange={setAsking}
        onConfirm={() => closeAll.mutate({ tunnelId })}
      />
    </Card>
  );
}

type RowsProps = Pick<TunnelConnectionsCardProps, "tunnelId" | "protocol">;

function OpenRows({ tunnelId, protocol }: RowsProps) {
  const words = TRAFFIC[protocol];
  const query = useQuery(connectionQueries.open({ tunnelId }));
  const canOperate = useCanOperate();
  const close = useCloseConnection();
  const [sort, setSort] = useSearchParam("sort", "opened");
  const order = useMemo(() => parseConnectionOrder(sort), [sort]);
  const items = query.data?.items;
  const rows = useMemo(
    () => sortConnections(items ?? [], order, ({ id }) => connectionRates.perSecond(id)),
    [items, order],
  );
  // Rates are differences: the first is known one second after this.
  useEffect(() => connectionRates.begin(items ?? []), [items]);
  const onClose = canOperate ? close.mutate : null;
  return (
    <QueryView
      query={query}
      failure="The connections could not be loaded"
      skeleton={<SkeletonRows rows={3} label="Loading connections" />}
    >
      {({ isTruncated }) =>
        rows.length === 0 ? (
          <EmptyState title={words.noneOpen}>{words.hint}</EmptyState>
        ) : (
          <>
            <ConnectionRows
              caption={words.open}
              rows={rows}
              columns={
                protocol === "http"
                  ? openRequestColumns(onClose)
                  : openColumns({ placeOf: null, onClose, order, onSort: setSort })
              }
              choice={sort}
              placeOf={null}
              onClose={onClose}
              maxHeight={MAX_HEIGHT}
            />
            {isTruncated && (
              <p className="border-t border-line px-4 py-2 text-xs text-muted">
                Only the first {countOf(rows.length, protocol)} are shown.
              </p>
            )}
          </>
        )
      }
    </QueryView>
  );
}

function ClosedRows({ tunnelId, protocol }: RowsProps) {
  const words = TRAFFIC[protocol];
  const query = useQuery(connectionQueries.closed({ tunnelId }));
  return (
    <QueryView
      query={query}
      failure="The closed connections could not be loaded"
      skeleton={<SkeletonRows rows={3} label="Loading closed connections" />}
    >
      {({ items }) =>
        items.length === 0 ? (
          <EmptyState title={words.noneClosed} />
        ) : (
          <ConnectionRows
            caption={words.closed}
            rows={items}
            columns={protocol === "http" ? closedRequestColumns() : closedColumns(null)}
            choice="closed"
            placeOf={null}
            onClose={null}
            maxHeight={MAX_HEIGHT}
          />
        )
      }
    </QueryView>
  );
}
