"use client";

import { useWindowVirtualizer } from "@tanstack/react-virtual";
import { useLayoutEffect, useRef, useState } from "react";
import type { TunnelDto } from "#protocol/api/tunnels.ts";
import { ModeChip } from "./mode-chip.tsx";
import { EndpointCell, NameCell, OpenCell, RateCell, StatusCell } from "./tunnel-cells.tsx";

const CARD_HEIGHT = 150;

interface TunnelCardsProps {
  readonly rows: readonly TunnelDto[];
  readonly hasCluster: boolean;
}

/** The table's facts, one card per tunnel, for narrow pages. */
export function TunnelCards({ rows, hasCluster }: TunnelCardsProps) {
  const list = useRef<HTMLUListElement>(null);
  const [offset, setOffset] = useState(0);
  // Where the list begins on the page is known once it is laid out.
  useLayoutEffect(() => setOffset(list.current?.offsetTop ?? 0), []);
  const virtualizer = useWindowVirtualizer({
    count: rows.length,
    estimateSize: () => CARD_HEIGHT,
    overscan: 6,
    scrollMargin: offset,
    getItemKey: (index) => rows[index]?.id ?? index,
  });
  return (
    <ul
      ref={list}
      aria-label="Tunnels"
      className="relative"
      style={{ height: virtualizer.getTotalSize() }}
    >
      {virtualizer.getVirtualItems().map(({ index, key, start }) => {
        const tunnel = rows[index];
        if (tunnel === undefined) return null;
        return (
          <li
            key={key}
            ref={virtualizer.measureElement}
            data-index={index}
            className="absolute inset-x-0 top-0 border-b border-line px-4 py-3"
            style={{ transform: `translateY(${start - offset}px)` }}
          >
            <TunnelCard tunnel={tunnel} hasCluster={hasCluster} />
          </li>
        );
      })}
    </ul>
  );
}

interface TunnelCardProps {
  readonly tunnel: TunnelDto;
  readonly hasCluster: boolean;
}

function TunnelCard({ tunnel, hasCluster }: TunnelCardProps) {
  return (
    <div className="flex flex-col gap-2">
      <div className="flex items-start justify-between gap-3">
        <NameCell tunnel={tunnel} hasCluster={hasCluster} />
        <ModeChip tunnel={tunnel} />
      </div>
      <div className="flex items-start justify-between gap-3">
        <StatusCell tunnel={tunnel} />
        <span className="shrink-0 text-xs text-muted">
          <OpenCell tunnel={tunnel} /> open
        </span>
      </div>
      <div className="flex items-center justify-between gap-3">
        <EndpointCell tunnel={tunnel} />
        <span className="text-xs">
          <RateCell tunnel={tunnel} quietWord="idle" />
        </span>
      </div>
    </div>
  );
}
