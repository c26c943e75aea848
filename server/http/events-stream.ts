import { randomUUID } from "node:crypto";
import { AuditEventId } from "#protocol/api/ids.ts";
import type { AuditEventDto } from "#protocol/api/audit.ts";
import { getRuntime, type Runtime } from "#server/runtime.ts";
import type { Actor } from "#server/services/actor.ts";
import { getAuditEvent, listAudit } from "#server/services/audit/list-audit.ts";
import { authenticate } from "./authenticate.ts";
import { errorResponse } from "./error-response.ts";

/** A comment now and then keeps proxies from closing a quiet stream. */
const HEARTBEAT_MS = 15_000;
/** Events sent again to a client that comes back; older ones are in the audit log. */
const REPLAY_MAX = 500;
/** Events a client has not read yet; then it is cut and resumes by itself. */
const UNREAD_MAX = 1_000;

/** `GET /api/v1/events`: audit events as server-sent events, resumable by `Last-Event-ID`. */
export async function handleEvents(request: Request): Promise<Response> {
  const runtime = getRuntime();
  const requestId = randomUUID();
  try {
    const actor = await authenticate(runtime, request.headers);
    const lastId = AuditEventId.safeParse(request.headers.get("last-event-id"));
    const missed = lastId.success ? await eventsSince(runtime, actor, lastId.data) : [];
    return new Response(createEventStream(runtime, { actor, missed, request }), {
      headers: {
        "content-type": "text/event-stream",
        "cache-control": "no-store",
        "x-accel-buffering": "no",
        "x-request-id": requestId,
      },
    });
  } catch (error) {
    const response = errorResponse(error, runtime.log.child({ requestId }));
    response.headers.set("x-request-id", requestId);
    return response;
  }
}

async function eventsSince(
  runtime: Runtime,
  actor: Actor,
  lastId: string,
): Promise<readonly AuditEventDto[]> {
  const { items } = await listAudit(runtime, actor, { limit: REPLAY_MAX });
  const index = items.findIndex(({ id }) => id === lastId);
  return (index === -1 ? items : items.slice(0, index)).toReversed();
}

interface Subscriber {
  readonly actor: Actor;
  readonly missed: readonly AuditEventDto[];
  readonly request: Request;
}

function createEventStream(
  runtime: Runtime,
  { actor, missed, request }: Subscriber,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let stop = (): void => undefined;
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        const send = (text: string): void => {
          if ((controller.desiredSize ?? 0) <= 0) return end();
          controller.enqueue(encoder.encode(text));
        };
        const end = (): void => {
          stop();
          controller.close();
        };
        // In the order of the audit log, although each is read by itself.
        let tail: Promise<void> = Promise.resolve();
        const unsubscribe = runtime.changes.subscribe((change) => {
          if (change.kind !== "audit") return;
          tail = tail
            .then(async () => send(toEvent(await getAuditEvent(runtime, actor, change.id))))
            .catch((error: unknown) => runtime.log.warn({ err: error }, "event not sent"));
        });
        const recheck = async (): Promise<void> => {
          if ((await runtime.people.findActor(request.headers)) === null) end();
          else send(": alive\n\n");
        };
        const heartbeat = setInterval(() => void recheck().catch(() => undefined), HEARTBEAT_MS);
        stop = () => {
          unsubscribe();
          clearInterval(heartbeat);
          stop = () => undefined;
        };
        send("retry: 2000\n\n");
        for (const event of missed) send(toEvent(event));
      },
      cancel() {
        stop();
      },
    },
    { highWaterMark: UNREAD_MAX },
  );
}

function toEvent(event: AuditEventDto): string {
  return `id: ${event.id}\nevent: audit\ndata: ${JSON.stringify(event)}\n\n`;
}
