import { type Column, formatColumns } from "../table.ts";
import type { HttpFigures } from "./measure-http.ts";

/** Edge beside the one-hop proxy: what has to be reached. */
const RATIO_WANTED = 0.6;
/** What the edge may add to the round trip of a WebSocket message, milliseconds. */
const ADDED_WANTED_MS = 0.15;

type Row = HttpFigures & { readonly yardstick: HttpFigures | undefined };

const of = (value: number | undefined, by: number | undefined): string =>
  value === undefined || by === undefined || by === 0 ? "–" : (value / by).toFixed(2);

const HTTP_COLUMNS: readonly Column<Row>[] = [
  { title: "HTTP path", cell: ({ path }) => path },
  { title: "req/s 100 B", cell: ({ maximum }) => maximum["/small"].toFixed(0) },
  {
    title: "× node:http",
    cell: ({ maximum, yardstick }) => of(maximum["/small"], yardstick?.maximum["/small"]),
  },
  { title: "req/s 10 KiB", cell: ({ maximum }) => maximum["/large"].toFixed(0) },
  {
    title: "× node:http",
    cell: ({ maximum, yardstick }) => of(maximum["/large"], yardstick?.maximum["/large"]),
  },
  { title: "at 1st rate µs p50/p99", cell: ({ rates }) => showRate(rates[0]) },
  { title: "at 2nd rate µs p50/p99", cell: ({ rates }) => showRate(rates[1]) },
];

const WEB_SOCKET_COLUMNS: readonly Column<HttpFigures>[] = [
  { title: "WebSocket path", cell: ({ path }) => path },
  { title: "message µs p50/p99", cell: ({ webSocket: w }) => showTrip(w) },
  { title: "64 KiB echo MB/s", cell: ({ webSocket: w }) => w.megabytesPerSecond.toFixed(0) },
  { title: "opens ms p50/p99", cell: ({ webSocket: { connectMs: c } }) => showMs(c) },
  { title: "KiB each", cell: ({ kibPerWebSocket: kib }) => kib?.toFixed(1) ?? "–" },
  { title: "% of a core, 100", cell: ({ busyPercent: busy }) => busy?.toFixed(1) ?? "–" },
];

/** The figures of HTTP and WebSocket, and what REQUIREMENTS B12 wants beside what was measured. */
export function formatHttpTables(all: readonly HttpFigures[]): string {
  const yardstick = all.find(({ path }) => path === "node:http");
  const direct = all.find(({ path }) => path === "direct");
  const culvert = all.find(({ path }) => path === "culvert");
  const rates = all[0]?.rates.map(({ perSecond }) => perSecond.toFixed(0)).join(" and ") ?? "";
  const parts = [
    formatColumns(
      HTTP_COLUMNS,
      all.map((figures) => ({ ...figures, yardstick })),
    ),
    `Rates: ${rates} requests a second, open loop; time counts from when a request was due.`,
    formatColumns(WEB_SOCKET_COLUMNS, all),
  ];
  if (culvert !== undefined) {
    parts.push(formatColumns(WANTED_COLUMNS, listWanted(culvert, { yardstick, direct })));
  }
  return parts.join("\n\n");
}

interface Wanted {
  readonly what: string;
  readonly target: number;
  readonly acceptable: number;
  readonly measured: number | null;
  readonly unit: string;
  /** Whether more is better. */
  readonly isFloor: boolean;
}

const WANTED_COLUMNS: readonly Column<Wanted>[] = [
  { title: "culvert, as REQUIREMENTS B12 has it", cell: ({ what }) => what },
  { title: "target", cell: (row) => bound(row, row.target) },
  { title: "acceptable", cell: (row) => bound(row, row.acceptable) },
  { title: "measured", cell: ({ measured }) => showNumber(measured) },
  { title: "unit", cell: ({ unit }) => unit },
  { title: "verdict", cell: judge },
];

function listWanted(
  { webSocket, webSocketsHeld, kibPerWebSocket, busyPercent, maximum }: HttpFigures,
  { yardstick, direct }: Record<"yardstick" | "direct", HttpFigures | undefined>,
): readonly Wanted[] {
  const ratio = yardstick === undefined ? null : maximum["/small"] / yardstick.maximum["/small"];
  const addedMs = direct === undefined ? null : (webSocket.p50Us - direct.webSocket.p50Us) / 1_000;
  const { connectMs, p99Us, megabytesPerSecond } = webSocket;
  return [
    atMost("connect", [100, 200], { measured: connectMs.p99, unit: "ms p99" }),
    atMost("message", [50, 100], { measured: p99Us / 1_000, unit: "ms p99" }),
    atLeast("concurrent", [1_000, 500], { measured: webSocketsHeld, unit: "WebSockets" }),
    atLeast("one connection", [10, 5], { measured: megabytesPerSecond, unit: "MB/s" }),
    atMost("memory", [100, 500], { measured: kibPerWebSocket, unit: "KiB each" }),
    atMost("processor, 100 connections", [10, 20], { measured: busyPercent, unit: "% of a core" }),
    atLeast("edge beside node:http", [RATIO_WANTED, RATIO_WANTED], {
      measured: ratio,
      unit: "× req/s",
    }),
    atMost("added to a message", [ADDED_WANTED_MS, ADDED_WANTED_MS], {
      measured: addedMs,
      unit: "ms p50",
    }),
  ];
}

type Bounds = readonly [target: number, acceptable: number];
type Seen = Pick<Wanted, "measured" | "unit">;

function atMost(what: string, [target, acceptable]: Bounds, seen: Seen): Wanted {
  return { what, target, acceptable, ...seen, isFloor: false };
}

function atLeast(what: string, [target, acceptable]: Bounds, seen: Seen): Wanted {
  return { what, target, acceptable, ...seen, isFloor: true };
}

function bound({ isFloor }: Wanted, value: number): string {
  return `${isFloor ? "≥" : "≤"} ${value}`;
}

function judge({ measured, target, acceptable, isFloor }: Wanted): string {
  if (measured === null) return "not measured";
  const meets = (value: number): boolean => (isFloor ? measured >= value : measured <= value);
  if (meets(target)) return "reached";
  return meets(acceptable) ? "acceptable" : "MISSED";
}

const showNumber = (value: number | null): string =>
  value === null ? "–" : value >= 100 ? value.toFixed(0) : value.toFixed(2);
const showTrip = ({ p50Us, p99Us }: { p50Us: number; p99Us: number }): string =>
  `${p50Us.toFixed(0)}/${p99Us.toFixed(0)}`;
const showMs = ({ p50, p99 }: { p50: number; p99: number }): string =>
  `${p50.toFixed(1)}/${p99.toFixed(1)}`;

function showRate(rate: HttpFigures["rates"][number] | undefined): string {
  if (rate === undefined) return "–";
  return rate.unanswered > 0 ? `${rate.unanswered} unanswered` : showTrip(rate);
}
