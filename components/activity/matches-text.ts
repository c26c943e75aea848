import type { AuditEventDto } from "#protocol/api/audit.ts";
import { auditText } from "./sentences.ts";

/** Whether every word typed is in an event's sentence, person, object or address. */
export function matchesText(event: AuditEventDto, typed: string): boolean {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return true;
  const text = [auditText(event), event.actor.name, event.object.name, event.address ?? ""]
    .join(" ")
    .toLowerCase();
  return words.every((word) => text.includes(word));
}
