import type { DatagramFigures } from "./measure-datagrams.ts";
import type { ConnectionFigures } from "./measure-path.ts";
import type { StreamFigures } from "./measure-streams.ts";
import type { RoundTrip } from "./load/round-trip.ts";

export interface Column<T> {
  readonly title: string;
  readonly cell: (figures: T) => string;
}

interface ConnectionRow extends ConnectionFigures {
  readonly path: string;
}

const COLUMNS: readonly Column<ConnectionRow>[] = [
  { title: "path", cell: ({ path }) => path },
  { title: "up×1 Gbit/s", cell: ({ gigabitsPerSecond }) => gigabitsPerSecond.up1.toFixed(1) },
  { title: "down×1", cell: ({ gigabitsPerSecond }) => gigabitsPerSecond.down1.toFixed(1) },
  { title: "up×8", cell: ({ gigabitsPerSecond }) => gigabitsPerSecond.up8.toFixed(1) },
  { title: "down×8", cell: ({ gigabitsPerSecond }) => gigabitsPerSecond.down8.toFixed(1) },
  { title: "rtt µs p50/p99", cell: ({ roundTrip }) => showTrip(roundTrip.alone) },
  { title: "beside download", cell: ({ roundTrip }) => showTrip(roundTrip.besideDownload) },
  { title: "beside upload", cell: ({ roundTrip }) => showTrip(roundTrip.besideUpload) },
  { title: "beside stalled", cell: ({ roundTrip }) => showTrip(roundTrip.besideStalledReader) },
  { title: "new conn/s", cell: (figures) => figures.newConnectionsPerSecond.toFixed(0) },
  { title: "idle KiB", cell: (figures) => figures.idleKibPerConnection?.toFixed(1) ?? "–" },
  { title: "content", cell: (figures) => (figures.isContentIntact ? "intact" : "BROKEN") },
];

interface DatagramRow extends DatagramFigures {
  readonly path: string;
  /** Of the direct path in the same run; null where that was not measured. */
  readonly ratio: number | null;
}

const DATAGRAM_COLUMNS: readonly Column<DatagramRow>[] = [
  { title: "UDP path", cell: ({ path }) => path },
  { title: "echoed/s without loss", cell: ({ losslessPerSecond }) => String(losslessPerSecond) },
  { title: "× direct", cell: ({ ratio }) => ratio?.toFixed(2) ?? "–" },
  { title: "first loss", cell: ({ lossy }) => showLoss(lossy) },
  { title: "rtt µs p50/p99", cell: ({ calm }) => showTrip(calm) },
  { title: "association KiB", cell: (figures) => figures.kibPerAssociation?.toFixed(1) ?? "–" },
];

/** The figures of TCP and of UDP as tables for people, as far as they were measured. */
export function formatStreamTables(all: readonly StreamFigures[]): string[] {
  const connections = all.flatMap(({ path, connections: row }) =>
    row === null ? [] : [{ path, ...row }],
  );
  const datagrams = toDatagramRows(all);
  return [
    ...(connections.length > 0 ? [formatColumns(COLUMNS, connections)] : []),
    ...(datagrams.length > 0 ? [formatColumns(DATAGRAM_COLUMNS, datagrams)] : []),
  ];
}

/** Of the paths that carry it. */
function toDatagramRows(all: readonly StreamFigures[]): readonly DatagramRow[] {
  const direct = all.find(({ path }) => path === "direct")?.datagrams?.losslessPerSecond ?? null;
  return all.flatMap(({ path, datagrams }) => {
    if (datagrams === null) return [];
    const ratio = direct === null ? null : datagrams.losslessPerSecond / direct;
    return [{ path, ratio, ...datagrams }];
  });
}

/** Right-aligned columns, the first on the left. */
export function formatColumns<T>(columns: readonly Column<T>[], all: readonly T[]): string {
  const rows = [
    columns.map(({ title }) => title),
    ...all.map((one) => columns.map(({ cell }) => cell(one))),
  ];
  const widths = columns.map((_, index) => Math.max(...rows.map((row) => row[index]?.length ?? 0)));
  return rows
    .map((row) => row.map((cell, index) => pad(cell, widths[index] ?? 0, index)).join("  "))
    .join("\n");
}

function pad(cell: string, width: number, index: number): string {
  return index === 0 ? cell.padEnd(width) : cell.padStart(width);
}

function showTrip({ p50Us, p99Us }: Pick<RoundTrip, "p50Us" | "p99Us">): string {
  return `${p50Us.toFixed(0)}/${p99Us.toFixed(0)}`;
}

function showLoss(lossy: DatagramFigures["lossy"]): string {
  return lossy === null
    ? "–"
    : `${lossy.lossPercent.toFixed(1)} % at ${lossy.perSecond.toFixed(0)}`;
}
