"use client";

import { useState } from "react";
import { NewRowsButton } from "#components/tunnels/new-rows-button.tsx";
import { useHeldRows } from "#components/tunnels/use-held-rows.ts";
import { useIsNarrow } from "#components/tunnels/use-is-narrow.ts";
import { VirtualTable, type Column } from "#components/tunnels/virtual-table.tsx";
import type { ConnectionDto } from "#protocol/api/connections.ts";
import { ConnectionCards } from "./connection-cards.tsx";
import type { ConnectionPlace } from "./connection-view.ts";

const ROW_HEIGHT = 40;
const TALL_ROW_HEIGHT = 52;

interface ConnectionRowsProps {
  readonly caption: string;
  readonly rows: readonly ConnectionDto[];
  readonly columns: readonly Column<ConnectionDto>[];
  /** Changes with everything a person chose. */
  readonly choice: string;
  readonly placeOf: ((connection: ConnectionDto) => ConnectionPlace | null | undefined) | null;
  readonly onClose: ((connection: ConnectionDto) => void) | null;
  readonly maxHeight?: string;
}

/** Connections as a table, or as cards where the page is narrow; nothing moves under the pointer. */
export function ConnectionRows(props: ConnectionRowsProps) {
  const { caption, rows: wanted, columns, choice, placeOf, onClose, maxHeight } = props;
  const [isHovered, setHovered] = useState(false);
  const isNarrow = useIsNarrow();
  // What was asked for, and by whom: two lines.
  const isHttp = wanted.some(({ request }) => request !== null);
  const { rows, newCount, showNew } = useHeldRows({ rows: wanted, isHeld: isHovered, choice });
  return (
    <>
      <NewRowsButton count={newCount} onShow={showNew} />
      {isNarrow ? (
        <ConnectionCards caption={caption} rows={rows} placeOf={placeOf} onClose={onClose} />
      ) : (
        <VirtualTable
          caption={caption}
          rows={rows}
          columns={columns}
          rowHeight={placeOf === null && !isHttp ? ROW_HEIGHT : TALL_ROW_HEIGHT}
          minWidth={placeOf === null ? "min-w-[600px]" : "min-w-[840px]"}
          onHover={setHovered}
          {...(maxHeight === undefined ? {} : { maxHeight })}
        />
      )}
    </>
  );
}
