"use client";

import { useQuery } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { useCallback, useMemo, useRef, useState } from "react";
import { plural } from "#components/lib/format.ts";
import { useCanOperate } from "#components/lib/me.tsx";
import { useLiveRoom } from "#components/lib/use-live-room.ts";
import { Button, ButtonLink } from "#components/ui/button.tsx";
import { Card } from "#components/ui/card.tsx";
import { EmptyState } from "#components/ui/empty-state.tsx";
import { TunnelIcon } from "#components/ui/icons.tsx";
import { QueryView } from "#components/ui/query-view.tsx";
import { SkeletonRows } from "#components/ui/skeleton.tsx";
import type { TunnelDto } from "#protocol/api/tunnels.ts";
import { NewRowsButton } from "./new-rows-button.tsx";
import { SelectionBar } from "./selection-bar.tsx";
import { TunnelCards } from "./tunnel-cards.tsx";
import { tunnelHref } from "./tunnel-cells.tsx";
import { tunnelColumns } from "./tunnel-columns.tsx";
import { tunnelQueries } from "./tunnel-queries.ts";
import { TunnelToolbar } from "./tunnel-toolbar.tsx";
import { useHeldRows } from "./use-held-rows.ts";
import { useIsNarrow } from "./use-is-narrow.ts";
import { useRowKeys } from "./use-row-keys.ts";
import { useTunnelView } from "./use-tunnel-view.ts";
import { useTunnelsLive } from "./use-tunnels-live.ts";
import { VirtualTable, type VirtualTableHandle } from "./virtual-table.tsx";

const ROW_HEIGHT = 53;

interface TunnelsTableProps {
  /** Only this cluster's tunnels. */
  readonly clusterId?: string;
}

/** Every tunnel, or every one of a cluster: find, compare, and act on many at once. */
export function TunnelsTable({ clusterId }: TunnelsTableProps) {
  const query = useQuery(tunnelQueries.list(clusterId ?? null));
  useLiveRoom(clusterId === undefined ? "fleet" : `cluster:${clusterId}`);
  useTunnelsLive();
  return (
    <Card>
      <QueryView
        query={query}
        failure="The tunnels could not be loaded"
        skeleton={<SkeletonRows rows={8} label="Loading tunnels" />}
      >
        {({ items, isTruncated }) =>
          items.length === 0 ? (
            <NoTunnels isCluster={clusterId !== undefined} />
          ) : (
            <>
              <TunnelRows tunnels={items} hasCluster={clusterId === undefined} />
              {isTruncated && (
                <p className="border-t border-line px-4 py-2 text-xs text-muted">
                  Only the first {items.length} tunnels are shown. Open a cluster to see all of its
                  own.
                </p>
              )}
            </>
          )
        }
      </QueryView>
    </Card>
  );
}

function NoTunnels({ isCluster }: { readonly isCluster: boolean }) {
  return (
    <EmptyState
      icon={TunnelIcon}
      title="No tunnel yet"
      action={isCluster ? undefined : <ButtonLink href="/clusters/new">Add a cluster</ButtonLink>}
    >
      {isCluster
        ? "Tunnels appear as soon as an agent of this cluster reports a Gateway listener with a route."
        : "Connect a cluster: what its Gateways offer is discovered and published here."}
    </EmptyState>
  );
}

interface TunnelRowsProps {
  readonly tunnels: readonly TunnelDto[];
  readonly hasCluster: boolean;
}

function TunnelRows({ tunnels, hasCluster }: TunnelRowsProps) {
  const router = useRouter();
  const isNarrow = useIsNarrow();
  const canOperate = useCanOperate();
  const view = useTunnelView(tunnels);
  const [isHovered, setHovered] = useState(false);
  const [selectedIds, setSelectedIds] = useState<ReadonlySet<string>>(new Set());
  const table = useRef<VirtualTableHandle>(null);
  const { rows, newCount, showNew } = useHeldRows({
    rows: view.rows,
    isHeld: isHovered || selectedIds.size > 0,
    choice: view.choice,
  });
  const selected = useMemo(
    () => tunnels.filter(({ id }) => selectedIds.has(id)),
    [tunnels, selectedIds],
  );
  const clear = (): void => setSelectedIds(new Set());
  const toggle = useCallback(
    (ids: readonly string[], isOn: boolean): void =>
      setSelectedIds((before) => {
        const next = new Set(before);
        for (const id of ids) {
          if (isOn) next.add(id);
          else next.delete(id);
        }
        return next;
      }),
    [],
  );
  useRowKeys({
    table,
    rowCount: rows.length,
    onToggle: (index) => {
      const row = rows[index];
      if (row !== undefined && canOperate) toggle([row.id], !selectedIds.has(row.id));
    },
    onClear: clear,
  });
  const { order, set } = view;
  const { sort } = set;
  const columns = useMemo(
    () =>
      tunnelColumns({
        hasCluster,
        order,
        onSort: sort,
        selection: canOperate ? { selectedIds, toggle, rows } : null,
      }),
    [hasCluster, order, sort, canOperate, selectedIds, toggle, rows],
  );
  const openRow = useCallback(({ id }: TunnelDto) => router.push(tunnelHref(id)), [router]);
  return (
    <>
      <TunnelToolbar tunnels={tunnels} view={view} hasClusterFilter={hasCluster} />
      <NewRowsButton count={newCount} onShow={showNew} />
      {rows.length === 0 && newCount === 0 ? (
        <EmptyState
          title="No tunnel matches"
          action={<Button onClick={view.clear}>Clear the filter</Button>}
        >
          {plural(tunnels.length, "tunnel")} {tunnels.length === 1 ? "is" : "are"} hidden by it.
        </EmptyState>
      ) : isNarrow ? (
        <TunnelCards rows={rows} hasCluster={hasCluster} />
      ) : (
        <VirtualTable
          caption="Tunnels"
          rows={rows}
          columns={columns}
          rowHeight={ROW_HEIGHT}
          minWidth="min-w-[920px]"
          isSelected={({ id }) => selectedIds.has(id)}
          onHover={setHovered}
          onRowClick={openRow}
          handle={table}
        />
      )}
      {selected.length > 0 && <SelectionBar selected={selected} onClear={clear} />}
    </>
  );
}
