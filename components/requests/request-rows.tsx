"use client";

import { useMemo, useState } from "react";
import { NewRowsButton } from "#components/tunnels/new-rows-button.tsx";
import { useHeldRows } from "#components/tunnels/use-held-rows.ts";
import { useIsNarrow } from "#components/tunnels/use-is-narrow.ts";
import { VirtualTable } from "#components/tunnels/virtual-table.tsx";
import type { HttpRequestDto } from "#protocol/api/requests.ts";
import { RequestCards } from "./request-cards.tsx";
import { requestColumns } from "./request-columns.tsx";

const CAPTION = "Last requests";
const ROW_HEIGHT = 44;
/** Eight rows and the head. */
const MAX_HEIGHT = "388px";

interface RequestRowsProps {
  readonly rows: readonly HttpRequestDto[];
  /** Changes with everything a person chose. */
  readonly choice: string;
  readonly placeOf: (request: HttpRequestDto) => string | null;
}

/** Requests as a table, or as cards where the page is narrow; nothing moves under the pointer. */
export function RequestRows({ rows: wanted, choice, placeOf }: RequestRowsProps) {
  const [isHovered, setHovered] = useState(false);
  const isNarrow = useIsNarrow();
  const { rows, newCount, showNew } = useHeldRows({ rows: wanted, isHeld: isHovered, choice });
  const columns = useMemo(() => requestColumns(placeOf), [placeOf]);
  return (
    <>
      <NewRowsButton count={newCount} onShow={showNew} />
      {isNarrow ? (
        <RequestCards caption={CAPTION} rows={rows} placeOf={placeOf} />
      ) : (
        <VirtualTable
          caption={CAPTION}
          rows={rows}
          columns={columns}
          rowHeight={ROW_HEIGHT}
          minWidth="min-w-[920px]"
          maxHeight={MAX_HEIGHT}
          onHover={setHovered}
        />
      )}
    </>
  );
}
