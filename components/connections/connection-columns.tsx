import { RelativeTime } from "#components/ui/relative-time.tsx";
import type { Column } from "#components/tunnels/virtual-table.tsx";
import type { ConnectionDto } from "#protocol/api/connections.ts";
import {
  AgeCell,
  BytesCell,
  ClientCell,
  CloseCell,
  IdleCell,
  PlaceCell,
  RateCell,
  ReasonCell,
  RequestCell,
  ViaCell,
} from "./connection-cells.tsx";
import {
  nextConnectionOrder,
  type ConnectionOrder,
  type ConnectionPlace,
  type ConnectionSort,
} from "./connection-view.ts";

type ConnectionColumn = Column<ConnectionDto>;

interface ColumnsInput {
  /** Null: all are of one tunnel, which the page names. */
  readonly placeOf: ((connection: ConnectionDto) => ConnectionPlace | null | undefined) | null;
  /** Null: this person may not close connections. */
  readonly onClose: ((connection: ConnectionDto) => void) | null;
  readonly order: ConnectionOrder;
  readonly onSort: (text: string) => void;
}

export function openColumns({ placeOf, onClose, order, onSort }: ColumnsInput): ConnectionColumn[] {
  const sort = (by: ConnectionSort): NonNullable<ConnectionColumn["sort"]> => ({
    direction:
      order.by !== by
        ? "none"
        : (by === "client") === !order.isReversed
          ? "ascending"
          : "descending",
    onSort: () => onSort(nextConnectionOrder(order, by)),
  });
  return [
    ...leading(placeOf, sort("client")),
    {
      id: "opened",
      header: "Open for",
      width: "w-[104px]",
      sort: sort("opened"),
      cell: ({ openedAt }) => <AgeCell at={openedAt} />,
    },
    {
      id: "idle",
      header: "Idle for",
      width: "w-[92px]",
      visibility: placeOf === null ? "hidden" : "hidden xl:table-cell",
      cell: (connection) => <IdleCell connection={connection} />,
    },
    ...bytesColumns(sort),
    {
      id: "now",
      header: "Now",
      width: "w-[104px]",
      isNumber: true,
      sort: sort("now"),
      cell: (connection) => <RateCell connection={connection} />,
    },
    ...(onClose === null
      ? []
      : [
          {
            id: "close",
            header: <span className="sr-only">Close</span>,
            width: "w-[60px]",
            cell: (connection: ConnectionDto) => (
              <CloseCell connection={connection} onClose={onClose} />
            ),
          },
        ]),
  ];
}

export function closedColumns(placeOf: ColumnsInput["placeOf"]): ConnectionColumn[] {
  return [
    ...leading(placeOf, undefined),
    {
      id: "reason",
      header: "Why",
      width: placeOf === null ? "w-[182px] min-[1400px]:w-[34%]" : "w-[26%]",
      cell: (connection) => <ReasonCell connection={connection} />,
    },
    {
      id: "closed",
      header: "Closed",
      width: placeOf === null ? "w-[96px]" : "w-[104px]",
      cell: ({ closedAt }) => (closedAt === null ? "–" : <RelativeTime at={closedAt} />),
    },
    ...bytesColumns(() => undefined, placeOf === null ? "w-[84px]" : undefined),
  ];
}

function leading(
  placeOf: ColumnsInput["placeOf"],
  sort: ConnectionColumn["sort"],
): ConnectionColumn[] {
  const client: ConnectionColumn = {
    id: "client",
    header: "Client",
    ...(sort && { sort }),
    cell: (connection) => (
      <span className="flex flex-wrap items-center gap-x-2">
        <ClientCell connection={connection} />
        {connection.request !== null && (
          <span className="w-full text-xs">
            <RequestCell connection={connection} />
          </span>
        )}
        {/* Where there is no room for the column, what is unusual still shows. */}
        {placeOf === null && connection.via === "direct" && (
          <span className="min-[1500px]:hidden">
            <ViaCell connection={connection} />
          </span>
        )}
      </span>
    ),
  };
  const via: ConnectionColumn = {
    id: "via",
    header: "Via",
    width: "w-[18%]",
    visibility: "hidden xl:table-cell",
    cell: (connection) => <ViaCell connection={connection} />,
  };
  if (placeOf === null) return [client, { ...via, visibility: "hidden min-[1500px]:table-cell" }];
  const place: ConnectionColumn = {
    id: "tunnel",
    header: "Tunnel",
    cell: (connection) => <PlaceCell connection={connection} place={placeOf(connection)} />,
  };
  // Rows differ in their clients: an IPv4 address and its port always fit.
  return [
    { ...client, width: "w-[208px] min-[1500px]:w-[24%]" },
    place,
    { ...via, width: "w-[11%] min-[1500px]:w-[14%]" },
  ];
}

function bytesColumns(
  sort: (by: ConnectionSort) => ConnectionColumn["sort"],
  width = "w-[88px]",
): ConnectionColumn[] {
  return (["in", "out"] as const).map((direction): ConnectionColumn => {
    const sorting = sort(direction);
    return {
      id: direction,
      header: direction === "in" ? "In" : "Out",
      width,
      isNumber: true,
      ...(sorting && { sort: sorting }),
      cell: ({ bytes }) => <BytesCell bytes={bytes[direction]} />,
    };
  });
}
