import { RelativeTime } from "#components/ui/relative-time.tsx";
import type { Column } from "#components/tunnels/virtual-table.tsx";
import type { ConnectionDto } from "#protocol/api/connections.ts";
import {
  AgeCell,
  BytesCell,
  ClientCell,
  CloseCell,
  MessagesCell,
  RateCell,
  ReasonCell,
  RequestCell,
} from "./connection-cells.tsx";

type RequestColumn = Column<ConnectionDto>;

/** Rows of one HTTP tunnel: what was asked for, and by whom. */
const REQUEST: RequestColumn = {
  id: "request",
  header: "Request",
  cell: (connection) => (
    <div className="min-w-0">
      <RequestCell connection={connection} />
      <div className="truncate text-xs text-muted">
        <ClientCell connection={connection} />
      </div>
    </div>
  ),
};

const MESSAGES: RequestColumn = {
  id: "messages",
  header: "Messages",
  width: "w-[104px]",
  isNumber: true,
  cell: (connection) => (
    <div className="flex flex-col text-sm leading-[18px]">
      <MessagesCell connection={connection} />
    </div>
  ),
};

const BYTES = (["in", "out"] as const).map((direction): RequestColumn => ({
  id: direction,
  header: direction === "in" ? "In" : "Out",
  width: "w-[80px]",
  isNumber: true,
  cell: ({ bytes }) => <BytesCell bytes={bytes[direction]} />,
}));

/** @param onClose  null: this person may not close connections */
export function openRequestColumns(
  onClose: ((connection: ConnectionDto) => void) | null,
): RequestColumn[] {
  const close: RequestColumn[] =
    onClose === null
      ? []
      : [
          {
            id: "close",
            header: <span className="sr-only">Close</span>,
            width: "w-[60px]",
            cell: (connection) => <CloseCell connection={connection} onClose={onClose} />,
          },
        ];
  return [
    REQUEST,
    {
      id: "opened",
      header: "Open for",
      width: "w-[92px]",
      cell: ({ openedAt }) => <AgeCell at={openedAt} />,
    },
    MESSAGES,
    ...BYTES,
    {
      id: "now",
      header: "Now",
      width: "w-[96px]",
      isNumber: true,
      visibility: "hidden min-[1500px]:table-cell",
      cell: (connection) => <RateCell connection={connection} />,
    },
    ...close,
  ];
}

export function closedRequestColumns(): RequestColumn[] {
  return [
    REQUEST,
    {
      id: "reason",
      header: "Why",
      width: "w-[166px]",
      cell: (connection) => <ReasonCell connection={connection} />,
    },
    {
      id: "closed",
      header: "Closed",
      width: "w-[96px]",
      cell: ({ closedAt }) => (closedAt === null ? "–" : <RelativeTime at={closedAt} />),
    },
    { ...MESSAGES, visibility: "hidden min-[1400px]:table-cell" },
    ...BYTES,
  ];
}
