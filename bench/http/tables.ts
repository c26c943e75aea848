import { type Column, formatColumns } from "../table.ts";
import type { HttpFigures } from "./measure-http.ts";
import type { Maximum, RequestFigures } from "./measure-requests.ts";
import type { WebSocketPathFigures } from "./measure-web-sockets.ts";

type RequestRow = RequestFigures & {
  readonly path: string;
  readonly yardstick: RequestFigures | undefined;
};
type WebSocketRow = WebSocketPathFigures & { readonly path: string };

const REQUEST_COLUMNS: readonly Column<RequestRow>[] = [
  { title: "HTTP path", cell: ({ path }) => path },
  { title: "req/s 100 B", cell: ({ maximum }) => maximum["/small"].perSecond.toFixed(0) },
  { title: "× node:http", cell: (row) => ratio(row, "/small") },
  { title: "CPU µs each", cell: ({ maximum }) => showCost(maximum["/small"]) },
  { title: "req/s 10 KiB", cell: ({ maximum }) => maximum["/large"].perSecond.toFixed(0) },
  { title: "× node:http", cell: (row) => ratio(row, "/large") },
  { title: "CPU µs each", cell: ({ maximum }) => showCost(maximum["/large"]) },
  { title: "at 1st rate µs p50/p99", cell: ({ rates }) => showTrip(rates[0]) },
  { title: "at 2nd rate µs p50/p99", cell: ({ rates }) => showTrip(rates[1]) },
];

const WEB_SOCKET_COLUMNS: readonly Column<WebSocketRow>[] = [
  { title: "WebSocket path", cell: ({ path }) => path },
  { title: "message µs p50/p99", cell: ({ one }) => showTrip(one) },
  { title: "of 100, 1000/s", cell: ({ crowd }) => showTrip(crowd) },
  { title: "64 KiB echo MB/s", cell: ({ one }) => one.megabytesPerSecond.toFixed(0) },
  { title: "opens ms p50/p99", cell: ({ one }) => showMs(one.connectMs) },
  { title: "KiB each", cell: ({ kibEach }) => kibEach?.toFixed(1) ?? "–" },
  { title: "% of a core, 100", cell: ({ busyPercent }) => busyPercent?.toFixed(1) ?? "–" },
];

/** The figures of HTTP and of WebSockets, as far as they were measured. */
export function formatHttpTables(all: readonly HttpFigures[]): string[] {
  const yardstick = all.find(({ path }) => path === "node:http")?.requests ?? undefined;
  const requests = all.flatMap(({ path, requests: row }) =>
    row === null ? [] : [{ path, yardstick, ...row }],
  );
  const webSockets = all.flatMap(({ path, webSockets: row }) =>
    row === null ? [] : [{ path, ...row }],
  );
  const tables: string[] = [];
  if (requests.length > 0) {
    const rates = requests[0]?.rates.map(({ perSecond }) => perSecond.toFixed(0)).join(" and ");
    tables.push(
      formatColumns(REQUEST_COLUMNS, requests),
      `Rates: ${rates} requests a second, open loop; time counts from when a request was due.\n` +
        "CPU is that of all processes in between: relay and agent for Culvert.",
    );
  }
  if (webSockets.length > 0) tables.push(formatColumns(WEB_SOCKET_COLUMNS, webSockets));
  return tables;
}

function ratio({ maximum, yardstick }: RequestRow, body: keyof RequestRow["maximum"]): string {
  const by = yardstick?.maximum[body].perSecond ?? 0;
  return by === 0 ? "–" : (maximum[body].perSecond / by).toFixed(2);
}

function showCost({ microseconds }: Maximum): string {
  return microseconds?.toFixed(0) ?? "–";
}

interface Trip {
  readonly p50Us: number;
  readonly p99Us: number;
  readonly unanswered?: number;
}

function showTrip(trip: Trip | undefined): string {
  if (trip === undefined) return "–";
  const { p50Us, p99Us, unanswered = 0 } = trip;
  return unanswered > 0 ? `${unanswered} unanswered` : `${p50Us.toFixed(0)}/${p99Us.toFixed(0)}`;
}

function showMs({ p50, p99 }: { readonly p50: number; readonly p99: number }): string {
  return `${p50.toFixed(1)}/${p99.toFixed(1)}`;
}
