import { Checkbox } from "#components/ui/checkbox.tsx";
import type { TunnelDto } from "#protocol/api/tunnels.ts";
import { ModeChip } from "./mode-chip.tsx";
import { EndpointCell, NameCell, OpenCell, RateCell, StatusCell } from "./tunnel-cells.tsx";
import { tunnelName } from "./tunnel-name.ts";
import { TunnelSparkline } from "./tunnel-sparkline.tsx";
import { nextSort, type SortOrder, type TunnelSort } from "./tunnel-view.ts";
import type { Column } from "./virtual-table.tsx";

interface Selection {
  readonly selectedIds: ReadonlySet<string>;
  readonly toggle: (ids: readonly string[], isOn: boolean) => void;
  /** All that the filter leaves. */
  readonly rows: readonly TunnelDto[];
}

interface TunnelColumnsInput {
  readonly hasCluster: boolean;
  readonly order: SortOrder;
  readonly onSort: (order: SortOrder) => void;
  /** Null: this person may not change tunnels. */
  readonly selection: Selection | null;
}

/** Numbers stand with the highest first unless reversed. */
const DESCENDING_FIRST: ReadonlySet<TunnelSort> = new Set(["open", "now"]);

export function tunnelColumns(input: TunnelColumnsInput): Column<TunnelDto>[] {
  const { hasCluster, order, onSort, selection } = input;
  const sort = (by: TunnelSort): NonNullable<Column<TunnelDto>["sort"]> => {
    const isAscending = DESCENDING_FIRST.has(by) === order.isReversed;
    return {
      direction: order.by !== by ? "none" : isAscending ? "ascending" : "descending",
      onSort: () => onSort(nextSort(order, by)),
    };
  };
  const columns: Column<TunnelDto>[] = [
    {
      id: "name",
      header: "Tunnel",
      sort: sort("name"),
      cell: (tunnel) => <NameCell tunnel={tunnel} hasCluster={hasCluster} />,
    },
    {
      id: "status",
      header: "Status",
      width: "w-[21%]",
      sort: sort("status"),
      cell: (tunnel) => <StatusCell tunnel={tunnel} />,
    },
    {
      id: "endpoint",
      header: "Endpoint",
      width: "w-[248px] min-[1400px]:w-[332px]",
      cell: (tunnel) => <EndpointCell tunnel={tunnel} />,
    },
    {
      id: "mode",
      header: "Mode",
      width: "w-[144px]",
      cell: (tunnel) => <ModeChip tunnel={tunnel} />,
    },
    {
      id: "open",
      header: "Open",
      width: "w-[72px]",
      isNumber: true,
      sort: sort("open"),
      cell: (tunnel) => <OpenCell tunnel={tunnel} />,
    },
    {
      id: "now",
      header: "Now",
      width: "w-[124px]",
      isNumber: true,
      sort: sort("now"),
      cell: (tunnel) => <RateCell tunnel={tunnel} />,
    },
    {
      id: "shape",
      header: <span className="sr-only">Last 15 minutes</span>,
      width: "w-[124px]",
      visibility: "hidden min-[1400px]:table-cell",
      cell: (tunnel) => <TunnelSparkline tunnelId={tunnel.id} />,
    },
  ];
  return selection === null ? columns : [selectColumn(selection), ...columns];
}

function selectColumn(selection: Selection): Column<TunnelDto> {
  const { selectedIds, toggle, rows } = selection;
  const isAll = selectedIds.size > 0 && rows.every(({ id }) => selectedIds.has(id));
  return {
    id: "select",
    width: "w-11",
    header: (
      <Checkbox
        label="Select all shown tunnels"
        className="block"
        checked={isAll}
        onChange={() =>
          toggle(
            rows.map(({ id }) => id),
            !isAll,
          )
        }
      />
    ),
    cell: (tunnel) => (
      <Checkbox
        label={`Select ${tunnelName(tunnel)}`}
        className="block"
        checked={selectedIds.has(tunnel.id)}
        onChange={() => toggle([tunnel.id], !selectedIds.has(tunnel.id))}
      />
    ),
  };
}
