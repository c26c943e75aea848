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
  enabled: "on",
  connectTimeoutMs: "connect timeout",
  idleTimeoutMs: "idle timeout",
  maxConnections: "connections at most",
  directDrainMs: "drain after a switch to direct",
  allowedOrigins: "sites that may open WebSockets",
  expiresAt: "expires",
  relayPort: "port",
  host: "host name",
  lostConnections: "connections lost",
};

/** What an event changed, field by field; ids and what stayed the same are left out. */
export function fieldChanges(event: Pick<AuditEventDto, "before" | "after">): FieldChange[] {
  const before = event.before ?? {};
  const after = event.after ?? {};
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return names
    .filter((name) => !name.endsWith("Id"))
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
  if (value === null || value === undefined) return name === "expiresAt" ? "never" : "none";
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value === "number" && name.endsWith("Ms")) return formatDuration(value);
  if (typeof value === "string" || typeof value === "number") return String(value);
  if (Array.isArray(value)) return value.map((item) => say(name, item)).join(", ") || "none";
  return JSON.stringify(value);
}

type Linked = Pick<AuditEventDto, "object" | "before" | "after">;

/** The page that shows an event's object, if it has one. */
export function objectHref({ object, before, after }: Linked): string | null {
  const ids = { ...before, ...after };
  switch (object.kind) {
    case "fleet":
    case "relay":
    case "api_key":
      return "/settings";
    case "cluster":
      return under("/clusters/", object.id);
    case "tunnel":
      return under("/tunnels/", object.id);
    case "token":
      return under("/clusters/", ids["clusterId"], "?tab=settings");
    case "connection":
      return under("/tunnels/", ids["tunnelId"]);
    case "user":
      return null;
  }
}

function under(path: string, id: unknown, search = ""): string | null {
  return typeof id === "string" ? `${path}${id}${search}` : null;
}
