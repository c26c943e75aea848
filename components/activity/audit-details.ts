import { formatDuration } from "#components/lib/format.ts";
import type { AuditEventDto } from "#protocol/api/audit.ts";

/** One field that changed; null means it had, or has, no value. */
export interface FieldChange {
  readonly name: string;
  readonly before: string | null;
  readonly after: string | null;
}

const NAMES: Readonly<Record<string, string>> = {
  forceTunnel: "forced",
  routingMode: "mode",
  chosenMode: "mode",
  enabled: "on",
  connectTimeoutMs: "connect timeout",
  idleTimeoutMs: "idle timeout",
  maxConnections: "connections at most",
  expiresAt: "expires",
};

/** What an event changed, field by field; fields with the same value on both sides are left out. */
export function fieldChanges(event: Pick<AuditEventDto, "before" | "after">): FieldChange[] {
  const before = event.before ?? {};
  const after = event.after ?? {};
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return names
    .map((name) => ({
      name: NAMES[name] ?? spaced(name),
      before: name in before ? say(name, before[name]) : null,
      after: name in after ? say(name, after[name]) : null,
    }))
    .filter((change) => change.before !== change.after);
}

function spaced(name: string): string {
  return name.replace(/([A-Z])/g, (letter) => ` ${letter.toLowerCase()}`);
}

function say(name: string, value: unknown): string {
  if (value === null || value === undefined) return "none";
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value === "number" && name.endsWith("Ms")) return formatDuration(value);
  if (typeof value === "string" || typeof value === "number") return String(value);
  return JSON.stringify(value);
}

/** The page that shows an event's object, if it has one. */
export function objectHref(object: AuditEventDto["object"]): string | null {
  if (object.kind === "fleet" || object.kind === "relay" || object.kind === "api_key") {
    return "/settings";
  }
  if (object.id === null) return null;
  if (object.kind === "cluster") return `/clusters/${object.id}`;
  if (object.kind === "tunnel") return `/tunnels/${object.id}`;
  return null;
}
