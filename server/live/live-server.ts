import type { IncomingMessage, Server as HttpServer } from "node:http";
import { Server, type Namespace, type Socket } from "socket.io";
import {
  LIVE_NAMESPACE,
  LIVE_ROOMS_MAX,
  SubscribeBody,
  type LiveClientToServer,
  type LiveServerToClient,
  type SubscribeAck,
} from "#protocol/live/events.ts";
import type { Logger } from "#server/observability/logger.ts";
import type { Actor } from "#server/services/actor.ts";

/** Sockets at once; more are turned away and try again. */
const SOCKETS_MAX = 2_000;
/** One message from a browser, bytes. */
const MESSAGE_BYTES_MAX = 64 * 1024;
/** From the transport to the namespace, where credentials are asked for. */
const CONNECT_TIMEOUT_MS = 10_000;
/** How often every socket's credentials are looked at again, beside the moments when some are withdrawn. */
const RECHECK_MS = 30_000;

interface SocketData {
  actor: Actor;
  headers: Headers;
}

export type LiveNamespace = Namespace<
  LiveClientToServer,
  LiveServerToClient,
  Record<string, never>,
  SocketData
>;
type LiveSocket = Socket<LiveClientToServer, LiveServerToClient, Record<string, never>, SocketData>;

export interface LiveServerOptions {
  readonly httpServer: HttpServer;
  /** Who is behind these headers; null without valid credentials. */
  readonly findActor: (headers: Headers) => Promise<Actor | null>;
  readonly isOwnOrigin: (headers: Headers) => boolean;
  /** A socket entered rooms: tell it how things stand. */
  readonly onSubscribed: (socket: LiveSocket, rooms: readonly string[]) => void;
  readonly log: Logger;
}

/**
 * The live namespace: who may connect, which rooms a socket is in, and who is put out when credentials are withdrawn.
 * Authentication fails closed; what is published fails open.
 */
export class LiveServer {
  readonly #options: LiveServerOptions;
  readonly #io: Server;
  readonly namespace: LiveNamespace;
  readonly #recheckTimer: NodeJS.Timeout;

  constructor(options: LiveServerOptions) {
    this.#options = options;
    this.#io = new Server(options.httpServer, {
      serveClient: false,
      destroyUpgrade: false,
      connectTimeout: CONNECT_TIMEOUT_MS,
      maxHttpBufferSize: MESSAGE_BYTES_MAX,
      allowRequest: (request, decide) => decide(null, this.#isAllowed(request)),
    });
    this.namespace = this.#io.of(LIVE_NAMESPACE) as LiveNamespace;
    this.namespace.use((socket, next) => {
      this.#authenticate(socket).then(
        (refusal) => (refusal === null ? next() : next(new Error(refusal))),
        (error: unknown) => {
          options.log.error({ err: error }, "live handshake failed");
          next(new Error("internal"));
        },
      );
    });
    this.namespace.on("connection", (socket) => this.#onConnection(socket));
    this.#recheckTimer = setInterval(() => void this.recheck(), RECHECK_MS);
  }

  /** Looks at every socket's credentials again and puts out those whose are not valid any more. */
  async recheck(): Promise<void> {
    for (const socket of this.namespace.sockets.values()) {
      const actor = await this.#options.findActor(socket.data.headers).catch(() => null);
      if (actor === null) socket.disconnect(true);
    }
  }

  async close(): Promise<void> {
    clearInterval(this.#recheckTimer);
    await this.#io.close();
  }

  /** A page of another site may not even open the transport. Requests of no page carry no origin. */
  #isAllowed(request: IncomingMessage): boolean {
    if (this.#io.engine.clientsCount >= SOCKETS_MAX) return false;
    return request.headers.origin === undefined || this.#options.isOwnOrigin(toHeaders(request));
  }

  async #authenticate(socket: LiveSocket): Promise<string | null> {
    const headers = toHeaders(socket.request);
    const auth: unknown = socket.handshake.auth["apiKey"];
    // A key that was sent is not overruled by a cookie.
    if (typeof auth === "string") headers.set("authorization", `Bearer ${auth}`);
    const actor = await this.#options.findActor(headers);
    if (actor === null) return "unauthenticated";
    socket.data.actor = actor;
    socket.data.headers = headers;
    return null;
  }

  #onConnection(socket: LiveSocket): void {
    socket.on("subscribe", (body, ack) => {
      answer(ack, this.#subscribe(socket, body));
    });
    socket.on("unsubscribe", (body, ack) => {
      const parsed = SubscribeBody.safeParse(body);
      if (!parsed.success) return answer(ack, REFUSED_BODY);
      for (const room of parsed.data.rooms) void socket.leave(room);
      answer(ack, { ok: true, rooms: roomsOf(socket) });
    });
  }

  #subscribe(socket: LiveSocket, body: unknown): SubscribeAck {
    const parsed = SubscribeBody.safeParse(body);
    if (!parsed.success) return REFUSED_BODY;
    const rooms = new Set([...roomsOf(socket), ...parsed.data.rooms]);
    if (rooms.size > LIVE_ROOMS_MAX) {
      return { ok: false, code: "limit_exceeded", message: `At most ${LIVE_ROOMS_MAX} rooms` };
    }
    void socket.join(parsed.data.rooms);
    this.#options.onSubscribed(socket, parsed.data.rooms);
    return { ok: true, rooms: [...rooms] };
  }
}

const REFUSED_BODY: SubscribeAck = {
  ok: false,
  code: "bad_request",
  message: "Rooms are fleet, cluster:<id> and tunnel:<id>",
};

/** Clients may leave the acknowledgement out, or send something else in its place. */
function answer(ack: unknown, body: SubscribeAck): void {
  if (typeof ack === "function") (ack as (body: SubscribeAck) => void)(body);
}

function roomsOf(socket: LiveSocket): string[] {
  return [...socket.rooms].filter((room) => room !== socket.id);
}

function toHeaders(request: IncomingMessage): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(request.headers)) {
    if (typeof value === "string") headers.set(name, value);
  }
  return headers;
}
