"use client";

import { useQuery } from "@tanstack/react-query";
import { Search } from "lucide-react";
import { useCallback, useMemo, type ReactNode } from "react";
import { plural } from "#components/lib/format.ts";
import { useSearchParam } from "#components/lib/use-search-param.ts";
import { FacetMenu } from "#components/tunnels/facet-menu.tsx";
import { tunnelQueries } from "#components/tunnels/tunnel-queries.ts";
import { Button } from "#components/ui/button.tsx";
import { Icon } from "#components/ui/icon.tsx";
import { Input } from "#components/ui/input.tsx";
import type { ConnectionDto, ConnectionVia } from "#protocol/api/connections.ts";
import { placeOf as placeIn } from "./connection-view.ts";

const VIAS = ["any", "agent", "direct"] as const;
const VIA_LABELS: Record<ConnectionVia | "any", string> = {
  any: "Any way",
  agent: "An agent",
  direct: "Direct",
};

/** Filter and names, shared by both lists. */
export function useConnectionPlaces() {
  const [text, setText] = useSearchParam("q", "");
  const [clusterId, setClusterId] = useSearchParam("cluster", "any");
  const [via, setVia] = useSearchParam<ConnectionVia | "any">("via", "any", VIAS);
  const { data } = useQuery(tunnelQueries.list());
  const tunnels = useMemo(
    () => new Map((data?.items ?? []).map((tunnel) => [tunnel.id as string, tunnel])),
    [data],
  );
  const clusters = useMemo(() => {
    const names = new Map(
      [...tunnels.values()].map(({ clusterId: id, clusterName }) => [id as string, clusterName]),
    );
    return [...names].toSorted(([, a], [, b]) => a.localeCompare(b));
  }, [tunnels]);
  const filter = useMemo(() => ({ text, clusterId, via }), [text, clusterId, via]);
  const placeOf = useCallback(
    (connection: ConnectionDto) => (data === undefined ? undefined : placeIn(connection, tunnels)),
    [data, tunnels],
  );
  return {
    filter,
    setText,
    setClusterId,
    setVia,
    clusters,
    tunnels,
    placeOf,
    isFiltered: text !== "" || clusterId !== "any" || via !== "any",
    clear: () => {
      setText("");
      setClusterId("any");
      setVia("any");
    },
  };
}

type Places = ReturnType<typeof useConnectionPlaces>;

interface FilterBarProps {
  readonly places: Places;
  readonly shown: number;
  readonly total: number;
  readonly children?: ReactNode;
}

/** Free text and cluster, kept in the URL. */
export function ConnectionFilterBar({ places, shown, total, children }: FilterBarProps) {
  return (
    <div className="flex flex-wrap items-center gap-2 border-b border-line px-4 py-3">
      <div className="relative w-full sm:w-64">
        <span className="pointer-events-none absolute left-2.5 top-2 text-faint">
          <Icon icon={Search} />
        </span>
        <Input
          type="search"
          aria-label="Filter connections"
          placeholder="Client, tunnel, agent…"
          value={places.filter.text}
          onChange={(event) => places.setText(event.target.value)}
          className="pl-8"
        />
      </div>
      <FacetMenu
        label="Cluster"
        value={places.filter.clusterId}
        options={[
          { value: "any", label: "Any cluster" },
          ...places.clusters.map(([value, label]) => ({ value, label })),
        ]}
        onChange={places.setClusterId}
      />
      <FacetMenu
        label="Via"
        value={places.filter.via}
        options={VIAS.map((value) => ({ value, label: VIA_LABELS[value] }))}
        onChange={places.setVia}
      />
      {places.isFiltered && (
        <Button variant="ghost" size="sm" className="h-8" onClick={places.clear}>
          Clear
        </Button>
      )}
      <div className="ml-auto flex items-center gap-3">
        <span role="status" className="text-xs text-muted">
          {places.isFiltered
            ? `${shown} of ${plural(total, "connection")}`
            : plural(total, "connection")}
        </span>
        {children}
      </div>
    </div>
  );
}
