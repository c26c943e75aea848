import type { WebSocket } from "ws";
import {
  FromRelay,
  type CloseConnectionsFilter,
  type ToRelay,
  CHANNEL_LIMITS,
} from "#protocol/relay/channel.ts";
import type { CloseReason } from "#protocol/api/connections.ts";
import type { RelayId } from "#protocol/api/ids.ts";
import type { Logger } from "#server/observability/logger.ts";

export type RelayHello = Extract<FromRelay, { type: "hello" }>;
type RelayMessage = Exclude<FromRelay, { type: "hello" | "response" }>;

/** From the upgrade to the hello, milliseconds. */
const HELLO_TIMEOUT_MS = 10_000;
/** How a relay ends its channel when it stops in order, as RFC 6455 numbers it. */
const GOING_AWAY = 1001;
/** Pings tell a relay that hangs from one that is quiet. */
const PING_INTERVAL_MS = 5_000;
/** What one relay has not read yet, bytes; past it the channel is cut and comes back with a snapshot. */
const UNREAD_BYTES_MAX = 256 * 1024 * 1024;

export interface RelaySessionHandlers {
  readonly onHello: (session: RelaySession, hello: RelayHello) => void;
  readonly onMessage: (session: RelaySession, message: RelayMessage) => void;
  /** @param hasSaidSo it went in order. */
  readonly onClose: (session: RelaySession, hasSaidSo: boolean) => void;
}

/** One relay process's channel: messages checked on arrival, requests matched with their answers. */
export class RelaySession {
  readonly #socket: WebSocket;
  readonly #handlers: RelaySessionHandlers;
  readonly #log: Logger;
  readonly #pending = new Map<string, (closed: number) => void>();
  #hello: RelayHello | null = null;
  #requestCount = 0;
  #isAlive = true;
  readonly #helloTimer: NodeJS.Timeout;
  readonly #pingTimer: NodeJS.Timeout;

  constructor(socket: WebSocket, handlers: RelaySessionHandlers, log: Logger) {
    this.#socket = socket;
    this.#handlers = handlers;
    this.#log = log;
    this.#helloTimer = setTimeout(() => socket.terminate(), HELLO_TIMEOUT_MS);
    this.#pingTimer = setInterval(() => this.#ping(), PING_INTERVAL_MS);
    socket.on("message", (data: Buffer, isBinary: boolean) => {
      if (isBinary) this.#refuse("a binary message");
      else this.#receive(data.toString("utf8"));
    });
    socket.on("pong", () => {
      this.#isAlive = true;
    });
    socket.on("error", (error) => log.warn({ err: error }, "relay channel failed"));
    socket.on("close", (code) => this.#onClose(code));
  }

  get relayId(): RelayId | null {
    return this.#hello?.relayId ?? null;
  }

  get hello(): RelayHello | null {
    return this.#hello;
  }

  send(message: ToRelay): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    if (this.#socket.bufferedAmount > UNREAD_BYTES_MAX) return this.#socket.terminate();
    this.#socket.send(JSON.stringify(message));
  }

  /** How many connections the relay closed; 0 when it went away or did not answer in time. */
  async closeConnections(filter: CloseConnectionsFilter, reason: CloseReason): Promise<number> {
    const requestId = String(++this.#requestCount);
    const answer = Promise.withResolvers<number>();
    const timer = setTimeout(() => {
      this.#log.warn({ requestId }, "relay did not answer in time");
      answer.resolve(0);
    }, CHANNEL_LIMITS.requestTimeoutMs);
    this.#pending.set(requestId, answer.resolve);
    this.send({ type: "close_connections", requestId, filter, reason });
    try {
      return await answer.promise;
    } finally {
      clearTimeout(timer);
      this.#pending.delete(requestId);
    }
  }

  close(): void {
    this.#socket.close(GOING_AWAY);
    // A relay that does not answer the close is not waited for.
    this.#socket.terminate();
  }

  #receive(text: string): void {
    const message = parseMessage(text);
    if (message === null) return this.#refuse("a malformed message");
    if (message.type === "hello") {
      if (this.#hello !== null) return this.#refuse("a second hello");
      clearTimeout(this.#helloTimer);
      this.#hello = message;
      return this.#handlers.onHello(this, message);
    }
    if (this.#hello === null) return this.#refuse("a message before the hello");
    if (message.type === "response") this.#pending.get(message.requestId)?.(message.closed);
    else this.#handlers.onMessage(this, message);
  }

  #refuse(what: string): void {
    this.#log.error({ relayId: this.relayId, what }, "relay channel broken");
    this.#socket.close(1002, what);
  }

  #ping(): void {
    if (!this.#isAlive) return this.#socket.terminate();
    this.#isAlive = false;
    this.#socket.ping();
  }

  #onClose(code: number): void {
    clearTimeout(this.#helloTimer);
    clearInterval(this.#pingTimer);
    for (const resolve of [...this.#pending.values()]) resolve(0);
    this.#handlers.onClose(this, code === GOING_AWAY);
  }
}

function parseMessage(text: string): FromRelay | null {
  try {
    const parsed = FromRelay.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : null;
  } catch {
    // Not JSON: malformed like anything else that does not fit.
    return null;
  }
}
