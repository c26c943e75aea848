import { createHash } from "node:crypto";
import type { Refusal } from "./refusals.ts";

/** API servers forget Events after an hour by default: what still holds is said again a little sooner. */
export const EVENT_REPEAT_MS = 45 * 60_000;

const NOTE_MAX = 1_024;
/** An object's name has 253 characters, and a digest follows. */
const NAME_MAX = 200;
const REPORTER = "culvert.dev/agent";

export interface EventContext {
  readonly apiVersion: string;
  readonly uid: string;
  readonly agentId: string;
  readonly now: Date;
}

/**
 * An Event of events.k8s.io/v1 about a refusal. Its name follows from what it says and the time slot, so that several
 * agents of one cluster make one Event.
 */
export function buildEvent(
  refusal: Refusal,
  { apiVersion, uid, agentId, now }: EventContext,
): object {
  const { kind, namespace, name, reason, note } = refusal;
  const slot = Math.floor(now.getTime() / EVENT_REPEAT_MS);
  const digest = createHash("sha256")
    .update([kind, namespace, name, uid, reason, slot].join("\n"))
    .digest("hex")
    .slice(0, 16);
  const time = now.toISOString().replace("Z", "000Z");
  return {
    apiVersion: "events.k8s.io/v1",
    kind: "Event",
    metadata: { namespace, name: `${name.slice(0, NAME_MAX).replace(/[.-]+$/, "")}.${digest}` },
    eventTime: time,
    type: "Warning",
    reason,
    action: "Publish",
    note: note.slice(0, NOTE_MAX),
    regarding: { apiVersion, kind, namespace, name, uid },
    reportingController: REPORTER,
    reportingInstance: agentId.slice(0, 128),
  };
}
