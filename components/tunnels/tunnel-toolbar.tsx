"use client";

import { Search } from "lucide-react";
import { useMemo } from "react";
import { plural } from "#components/lib/format.ts";
import { Button } from "#components/ui/button.tsx";
import { Icon } from "#components/ui/icon.tsx";
import { Input } from "#components/ui/input.tsx";
import type { TunnelDto } from "#protocol/api/tunnels.ts";
import { FacetMenu } from "./facet-menu.tsx";
import { SORTS, type TunnelSort } from "./tunnel-view.ts";
import { MODES, PROTOCOLS, STATUSES } from "./tunnel-words.ts";
import { MODE_VALUES, PROTOCOL_VALUES, STATUS_VALUES, type TunnelView } from "./use-tunnel-view.ts";

const MODE_LABELS = {
  any: "Any mode",
  forced: "Forced",
  tunnel: MODES.tunnel.label,
  direct: MODES.direct.label,
  dual: MODES.dual.label,
} as const;

const SORT_LABELS: Record<TunnelSort, string> = {
  name: "Name",
  cluster: "Cluster",
  status: "Status",
  open: "Open connections",
  now: "Throughput",
};

interface TunnelToolbarProps {
  readonly tunnels: readonly TunnelDto[];
  readonly view: TunnelView;
  readonly hasClusterFilter: boolean;
}

/** Free text, filters as chips, sort; all kept in the URL. */
export function TunnelToolbar({ tunnels, view, hasClusterFilter }: TunnelToolbarProps) {
  const { filter, set, order, rows } = view;
  const clusters = useMemo(() => {
    const names = new Map(tunnels.map(({ clusterId, clusterName }) => [clusterId, clusterName]));
    return [...names].toSorted(([, a], [, b]) => a.localeCompare(b));
  }, [tunnels]);
  return (
    <div className="flex flex-wrap items-center gap-2 border-b border-line px-4 py-3">
      <div className="relative w-full sm:w-64">
        <span className="pointer-events-none absolute left-2.5 top-2 text-faint">
          <Icon icon={Search} />
        </span>
        <Input
          type="search"
          aria-label="Filter tunnels"
          placeholder="Name, address, backend…"
          value={filter.text}
          onChange={(event) => set.text(event.target.value)}
          className="pl-8"
        />
      </div>
      <FacetMenu
        label="Status"
        value={filter.status}
        options={STATUS_VALUES.map((value) => ({
          value,
          label: value === "any" ? "Any status" : STATUSES[value].word,
        }))}
        onChange={set.status}
      />
      <FacetMenu
        label="Mode"
        value={filter.mode}
        options={MODE_VALUES.map((value) => ({ value, label: MODE_LABELS[value] }))}
        onChange={set.mode}
      />
      <FacetMenu
        label="Protocol"
        value={filter.protocol}
        options={PROTOCOL_VALUES.map((value) => ({
          value,
          label: value === "any" ? "Any protocol" : PROTOCOLS[value],
        }))}
        onChange={set.protocol}
      />
      {hasClusterFilter && (
        <FacetMenu
          label="Cluster"
          value={filter.clusterId}
          options={[
            { value: "any", label: "Any cluster" },
            ...clusters.map(([value, label]) => ({ value, label })),
          ]}
          onChange={set.clusterId}
        />
      )}
      {view.isFiltered && (
        <Button variant="ghost" size="sm" className="h-8" onClick={view.clear}>
          Clear
        </Button>
      )}
      <div className="ml-auto flex items-center gap-3">
        <span role="status" className="text-xs text-muted">
          {view.isFiltered
            ? `${rows.length} of ${plural(tunnels.length, "tunnel")}`
            : plural(tunnels.length, "tunnel")}
        </span>
        <FacetMenu
          label="Sort by"
          isFilter={false}
          value={order.by}
          options={SORTS.filter((sort) => hasClusterFilter || sort !== "cluster").map((value) => ({
            value,
            label: SORT_LABELS[value],
          }))}
          onChange={(by) => set.sort({ by, isReversed: false })}
        />
      </div>
    </div>
  );
}
