import type { AuditEventDto } from "#protocol/api/audit.ts";
import { auditText } from "./sentences.ts";

const COLUMNS: readonly [string, (event: AuditEventDto) => string][] = [
  ["at", (event) => event.at],
  ["action", (event) => event.action],
  ["sentence", auditText],
  ["actor_kind", (event) => event.actor.kind],
  ["actor", (event) => event.actor.name],
  ["object_kind", (event) => event.object.kind],
  ["object", (event) => event.object.name],
  ["object_id", (event) => event.object.id ?? ""],
  ["before", (event) => (event.before === null ? "" : JSON.stringify(event.before))],
  ["after", (event) => (event.after === null ? "" : JSON.stringify(event.after))],
  ["address", (event) => event.address ?? ""],
  ["id", (event) => event.id],
];

/** Events as CSV (RFC 4180), one header line. */
export function toCsv(events: readonly AuditEventDto[]): string {
  const header = COLUMNS.map(([name]) => name);
  const rows = events.map((event) => COLUMNS.map(([, read]) => read(event)));
  return [header, ...rows].map((row) => row.map(csvField).join(",")).join("\r\n") + "\r\n";
}

/** A leading `=`, `+`, `-`, `@` would be run as a formula by a spreadsheet: names are chosen by others. */
function csvField(value: string): string {
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

export function toJson(events: readonly AuditEventDto[]): string {
  return `${JSON.stringify(events, null, 2)}\n`;
}
