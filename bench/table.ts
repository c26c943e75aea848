import type { PathFigures } from "./measure-path.ts";
import type { RoundTrip } from "./load/round-trip.ts";

interface Column {
  readonly title: string;
  readonly cell: (figures: PathFigures) => string;
}

const COLUMNS: readonly Column[] = [
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

/** The figures as a table for people. */
export function formatTable(all: readonly PathFigures[]): string {
  const rows = [
    COLUMNS.map(({ title }) => title),
    ...all.map((one) => COLUMNS.map(({ cell }) => cell(one))),
  ];
  const widths = COLUMNS.map((_, index) => Math.max(...rows.map((row) => row[index]?.length ?? 0)));
  return rows
    .map((row) => row.map((cell, index) => pad(cell, widths[index] ?? 0, index)).join("  "))
    .join("\n");
}

function pad(cell: string, width: number, index: number): string {
  return index === 0 ? cell.padEnd(width) : cell.padStart(width);
}

function showTrip({ p50Us, p99Us }: RoundTrip): string {
  return `${p50Us.toFixed(0)}/${p99Us.toFixed(0)}`;
}
