import type { HttpFigures } from "./http/measure-http.ts";
import type { StreamFigures } from "./measure-streams.ts";
import { type Column, formatColumns } from "./table.ts";

/** Edge beside the one-hop proxy: what has to be reached. */
const RATIO_WANTED = 0.6;
/** What the edge may add to the round trip of a WebSocket message, milliseconds. */
const ADDED_WANTED_MS = 0.15;

interface Wanted {
  readonly what: string;
  readonly target: number;
  readonly acceptable: number;
  readonly measured: number | null;
  readonly unit: string;
  /** Whether more is better. */
  readonly isFloor: boolean;
}

const COLUMNS: readonly Column<Wanted>[] = [
  { title: "culvert, as REQUIREMENTS B12 has it", cell: ({ what }) => what },
  { title: "target", cell: (row) => bound(row, row.target) },
  { title: "acceptable", cell: (row) => bound(row, row.acceptable) },
  { title: "measured", cell: ({ measured }) => showNumber(measured) },
  { title: "unit", cell: ({ unit }) => unit },
  { title: "verdict", cell: judge },
];

export interface AllFigures {
  readonly streams: readonly StreamFigures[];
  readonly http: readonly HttpFigures[];
}

/** What is wanted of Culvert beside what was measured of it. @returns null when Culvert was not measured. */
export function formatWanted(all: AllFigures): string | null {
  const rows = [
    ...listStreams(all.streams),
    ...listWebSockets(all.http),
    ...listRequests(all.http),
  ];
  return rows.length === 0 ? null : formatColumns(COLUMNS, rows);
}

function listStreams(all: AllFigures["streams"]): readonly Wanted[] {
  const culvert = all.find(({ path }) => path === "culvert");
  const memory = (what: string, measured: number | null | undefined): readonly Wanted[] =>
    typeof measured === "number"
      ? [atMost(`memory of ${what}`, [100, 500], { measured, unit: "KiB each" })]
      : [];
  return [
    ...memory("an idle TCP connection", culvert?.connections?.idleKibPerConnection),
    ...memory("an association of UDP", culvert?.datagrams?.kibPerAssociation),
  ];
}

function listWebSockets(all: AllFigures["http"]): readonly Wanted[] {
  const culvert = webSocketsOf(all, "culvert");
  if (culvert === null) return [];
  const { one, crowd, held, kibEach, busyPercent } = culvert;
  const direct = webSocketsOf(all, "direct");
  const addedMs = direct === null ? null : (one.p50Us - direct.one.p50Us) / 1_000;
  return [
    atMost("connect", [100, 200], { measured: one.connectMs.p99, unit: "ms p99" }),
    atMost("message", [50, 100], { measured: one.p99Us / 1_000, unit: "ms p99" }),
    atMost("message, 100 WebSockets", [50, 100], {
      measured: crowd.p99Us / 1_000,
      unit: "ms p99",
    }),
    atLeast("concurrent", [1_000, 500], { measured: held, unit: "WebSockets" }),
    atLeast("one connection", [10, 5], { measured: one.megabytesPerSecond, unit: "MB/s" }),
    atMost("memory of a WebSocket", [100, 500], { measured: kibEach, unit: "KiB each" }),
    atMost("processor, 100 connections", [10, 20], { measured: busyPercent, unit: "% of a core" }),
    atMost("added to a message", [ADDED_WANTED_MS, ADDED_WANTED_MS], {
      measured: addedMs,
      unit: "ms p50",
    }),
  ];
}

function listRequests(all: AllFigures["http"]): readonly Wanted[] {
  const [culvert, yardstick] = ["culvert", "node:http"].map(
    (path) => all.find((one) => one.path === path)?.requests?.maximum["/small"].perSecond,
  );
  if (culvert === undefined) return [];
  const measured = yardstick === undefined ? null : culvert / yardstick;
  const seen = { measured, unit: "× req/s" };
  return [atLeast("edge beside node:http", [RATIO_WANTED, RATIO_WANTED], seen)];
}

function webSocketsOf(all: AllFigures["http"], name: string) {
  return all.find(({ path }) => path === name)?.webSockets ?? null;
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

function showNumber(value: number | null): string {
  if (value === null) return "–";
  return value >= 100 ? value.toFixed(0) : value.toFixed(2);
}
