import { BytesCell } from "#components/connections/connection-cells.tsx";
import type { Column } from "#components/tunnels/virtual-table.tsx";
import type { HttpRequestDto } from "#protocol/api/requests.ts";
import { AnswerCell, ClientCell, LatencyCell, PathCell, TimeCell } from "./request-cells.tsx";

type PlaceOf = (request: HttpRequestDto) => string | null;

/** One line of an access log, in columns. */
export function requestColumns(placeOf: PlaceOf): Column<HttpRequestDto>[] {
  return [
    {
      id: "time",
      header: "Time",
      width: "w-[94px]",
      cell: (request) => <TimeCell request={request} />,
    },
    {
      id: "request",
      header: "Request",
      cell: (request) => <PathCell request={request} more={request.detail ?? placeOf(request)} />,
    },
    {
      id: "status",
      header: "Status",
      width: "w-[228px] min-[1400px]:w-[264px]",
      cell: (request) => <AnswerCell request={request} />,
    },
    {
      id: "first-byte",
      header: "First byte",
      width: "w-[84px]",
      isNumber: true,
      cell: ({ firstByteMs }) => <LatencyCell ms={firstByteMs} />,
    },
    {
      id: "duration",
      header: "Duration",
      width: "w-[80px]",
      isNumber: true,
      cell: ({ durationMs }) => <LatencyCell ms={durationMs} />,
    },
    {
      id: "in",
      header: "In",
      width: "w-[84px]",
      isNumber: true,
      cell: ({ bytes }) => <BytesCell bytes={bytes.in} />,
    },
    {
      id: "out",
      header: "Out",
      width: "w-[88px]",
      isNumber: true,
      cell: ({ bytes }) => <BytesCell bytes={bytes.out} />,
    },
    {
      id: "client",
      header: "Client",
      width: "w-[124px]",
      cell: (request) => <ClientCell request={request} />,
    },
  ];
}
