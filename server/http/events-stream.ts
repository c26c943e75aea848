import { randomUUID } from "node:crypto";
import { AuditEventId } from "#protocol/api/ids.ts";
import type { AuditEventDto } from "#protocol/api/audit.ts";
import { getRuntime, type Runtime } from "#server/runtime.ts";
import type { Actor } from "#server/services/actor.ts";
import { getAuditEvent, listAudit } from "#server/services/audit/list-audit.ts";
import { withdrawsCredentials } from "#server/services/audit/withdraws-credentials.ts";
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
    const subscriber = { actor, lastId: lastId.success ? lastId.data : null, request };
    return new Response(createEventStream(runtime, subscriber), {
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
  /** The last event that was seen before; null for one who wants only what is to come. */
  readonly lastId: string | null;
  readonly request: Request;
}

function createEventStream(runtime: Runtime, subscriber: Subscriber): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let stop = (): void => undefined;
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        let isOver = false;
        const end = (): void => {
          if (isOver) return;
          stop();
          controller.close();
        };
        const send = (text: string): void => {
          if (isOver) return;
          if ((controller.desiredSize ?? 0) <= 0) end();
          else controller.enqueue(encoder.encode(text));
        };
        const stopListening = sendEvents(runtime, subscriber, { send, end });
        stop = () => {
          isOver = true;
          stopListening();
        };
      },
      cancel() {
        stop();
      },
    },
    { highWaterMark: UNREAD_MAX },
  );
}

interface Receiver {
  readonly send: (text: string) => void;
  readonly end: () => void;
}

/** Sends what was missed and what comes, in the order of the audit log, while the credentials hold. @returns stops it. */
function sendEvents(
  runtime: Runtime,
  { actor, lastId, request }: Subscriber,
  { send, end }: Receiver,
): () => void {
  const replayed = new Set<string>();
  let tail: Promise<void> = Promise.resolve();
  // What could not be sent would be missing: the client comes back and asks for it.
  const inOrder = (work: () => Promise<void>): void => {
    tail = tail.then(work).catch((error: unknown) => {
      runtime.log.warn({ err: error }, "event not sent");
      end();
    });
  };
  const recheck = async (): Promise<void> => {
    if ((await runtime.people.findActor(request.headers)) === null) end();
  };
  // Listens before it looks for what was missed: nothing falls between the two.
  const unsubscribe = runtime.changes.subscribe(({ kind, id }) => {
    if (kind !== "audit") return;
    inOrder(async () => {
      if (replayed.has(id)) return;
      const event = await getAuditEvent(runtime, actor, id);
      if (withdrawsCredentials(event.action)) await recheck();
      send(toEvent(event));
    });
  });
  const heartbeat = setInterval(() => {
    inOrder(async () => {
      await recheck();
      send(": alive\n\n");
    });
  }, HEARTBEAT_MS);
  send("retry: 2000\n\n");
  if (lastId !== null) {
    inOrder(async () => {
      for (const event of await eventsSince(runtime, actor, lastId)) {
        replayed.add(event.id);
        send(toEvent(event));
      }
    });
  }
  return () => {
    unsubscribe();
    clearInterval(heartbeat);
  };
}

function toEvent(event: AuditEventDto): string {
  return `id: ${event.id}\nevent: audit\ndata: ${JSON.stringify(event)}\n\n`;
}
