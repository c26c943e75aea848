import WebSocket from "ws";
import type { CloseReason } from "#protocol/api/connections.ts";
import type { RelayId } from "#protocol/api/ids.ts";
import {
  CHANNEL_LIMITS,
  type CloseConnectionsFilter,
  type FromRelay,
  RELAY_CHANNEL_PATH,
  type RelaySnapshot,
  ToRelay,
} from "#protocol/relay/channel.ts";
import type { DesiredChange, DesiredState } from "#protocol/relay/desired-state.ts";
import { backoffMs } from "#server/lib/backoff.ts";
import type { Clock } from "#server/lib/clock.ts";
import { subscribeFacts } from "#server/lib/relay-facts.ts";
import type { Logger } from "#server/observability/logger.ts";
import { FactQueue } from "./fact-queue.ts";

/** Facts wait this long for company. */
const BATCH_DELAY_MS = 100;
/** Reconnecting to a process on the same machine: quick, and never given up. */
const RETRY_BASE_MS = 100;
const RETRY_CAP_MS = 2_000;
/** What the web process has not read, bytes; past it the channel is cut and comes back with a snapshot. */
const UNREAD_BYTES_MAX = 128 * 1024 * 1024;
const HANDSHAKE_TIMEOUT_MS = 5_000;
/** Pings find a web process that hangs; the answer may take one interval. */
const PING_INTERVAL_MS = 10_000;

/** What the channel asks of the relay process. Called synchronously, in the order of arrival. */
export interface ChannelHandler {
  /** @returns once listeners have opened or failed, links and connections were closed. */
  applyDesired(state: DesiredState): Promise<void>;
  applyChange(change: DesiredChange): Promise<void>;
  closeConnections(filter: CloseConnectionsFilter, reason: CloseReason): number;
  /** All but what only the channel knows. */
  snapshot(): Omit<RelaySnapshot, "closedMeanwhile" | "refusals">;
}

export interface RelayChannelOptions {
  /** The web process's control socket. */
  readonly socketPath: string;
  readonly secret: string;
  readonly hello: {
    readonly relayId: RelayId;
    readonly instanceId: string;
    readonly pid: number;
    readonly version: string;
    readonly startedAt: number;
  };
  readonly handler: ChannelHandler;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Logger;
}

type CountersMessage = Extract<FromRelay, { type: "counters" }>;

/** The relay's end of the relay channel: connected again and again, forever. */
export class RelayChannel {
  readonly #options: RelayChannelOptions;
  readonly #facts: FactQueue;
  readonly #unsubscribe: () => void;
  #socket: WebSocket | null = null;
  #hasDesired = false;
  #generation = 0;
  #attempt = 0;
  #isAnswered = true;
  #isClosed = false;
  #retryTimer: NodeJS.Timeout | undefined;
  #batchTimer: NodeJS.Timeout | undefined;
  #pingTimer: NodeJS.Timeout | undefined;

  constructor(options: RelayChannelOptions) {
    this.#options = options;
    this.#facts = new FactQueue(() => options.clock.monotonicMs());
    this.#unsubscribe = subscribeFacts((fact) => {
      this.#facts.push(fact);
      if (this.#socket !== null)
        this.#batchTimer ??= setTimeout(() => this.flush(), BATCH_DELAY_MS);
      if (this.#facts.size >= CHANNEL_LIMITS.batch) this.flush();
    });
  }

  /** True while the web process is there and has said what to serve: only then is an unknown token wrong. */
  get isWebReachable(): boolean {
    return this.#socket !== null && this.#hasDesired;
  }

  start(): void {
    const { socketPath, secret } = this.#options;
    const socket = new WebSocket(`ws+unix:${socketPath}:${RELAY_CHANNEL_PATH}`, {
      headers: { authorization: `Bearer ${secret}` },
      perMessageDeflate: false,
      maxPayload: CHANNEL_LIMITS.messageBytes,
      handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
    });
    let failure = "";
    socket.on("open", () => this.#onOpen(socket));
    socket.on("message", (data: Buffer) => this.#receive(socket, data.toString("utf8")));
    socket.on("pong", () => {
      this.#isAnswered = true;
    });
    socket.on("error", (error) => {
      failure = error.message;
    });
    socket.on("close", (code) => this.#onClose(socket, code, failure));
  }

  /** Sends what is waiting. */
  flush(): void {
    clearTimeout(this.#batchTimer);
    this.#batchTimer = undefined;
    while (this.#socket !== null && this.#facts.size > 0) {
      this.#send({ type: "events", events: this.#facts.take(CHANNEL_LIMITS.batch) });
    }
  }

  /** Tells the figures of the last second, if there are any. Facts go first: figures are of things they named. */
  sendCounters(counters: Omit<CountersMessage, "type" | "at">): void {
    if (this.#socket === null) return;
    this.flush();
    this.#send({ type: "counters", at: this.#options.clock.now(), ...counters });
  }

  /** Sends what is waiting, then ends the channel for good. Idempotent. */
  async close(timeoutMs: number): Promise<void> {
    this.flush();
    this.#isClosed = true;
    this.#unsubscribe();
    clearTimeout(this.#retryTimer);
    const socket = this.#socket;
    if (socket === null) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => socket.terminate(), timeoutMs);
      socket.once("close", () => {
        clearTimeout(timer);
        resolve();
      });
      socket.close(1001);
    });
  }

  #onOpen(socket: WebSocket): void {
    if (this.#isClosed) return socket.terminate();
    const { hello, handler, log } = this.#options;
    this.#socket = socket;
    this.#hasDesired = false;
    this.#attempt = 0;
    this.#send({ type: "hello", ...hello });
    this.#send({ type: "snapshot", snapshot: { ...this.#facts.connect(), ...handler.snapshot() } });
    this.#isAnswered = true;
    this.#pingTimer = setInterval(() => this.#ping(socket), PING_INTERVAL_MS);
    log.info("relay channel up");
  }

  #onClose(socket: WebSocket, code: number, failure: string): void {
    clearInterval(this.#pingTimer);
    clearTimeout(this.#batchTimer);
    this.#batchTimer = undefined;
    const { log, random } = this.#options;
    if (this.#socket === socket) {
      this.#socket = null;
      this.#facts.disconnect();
      if (!this.#isClosed)
        log.warn({ code, failure }, "relay channel lost: serving by what was last known");
    }
    if (this.#isClosed) return;
    const delayMs = backoffMs(this.#attempt, {
      baseMs: RETRY_BASE_MS,
      capMs: RETRY_CAP_MS,
      random,
    });
    this.#attempt += 1;
    log.debug({ failure, delayMs }, "relay channel retry");
    this.#retryTimer = setTimeout(() => this.start(), delayMs);
  }

  #receive(socket: WebSocket, text: string): void {
    const message = parseMessage(text);
    if (message === null) {
      this.#options.log.error("relay channel broken: a message that makes no sense");
      return socket.close(1002, "malformed message");
    }
    const { handler } = this.#options;
    switch (message.type) {
      case "desired":
        this.#hasDesired = true;
        return this.#apply(socket, message.generation, handler.applyDesired(message.state));
      case "change":
        // Changes build on one another; without their ground they mean nothing.
        if (!this.#hasDesired || message.generation <= this.#generation) return;
        return this.#apply(socket, message.generation, handler.applyChange(message.change));
      case "close_connections": {
        const closed = handler.closeConnections(message.filter, message.reason);
        return this.#send({ type: "response", requestId: message.requestId, closed });
      }
    }
  }

  #apply(socket: WebSocket, generation: number, work: Promise<void>): void {
    this.#generation = generation;
    work
      .then(() => {
        if (this.#socket !== socket) return;
        this.flush();
        this.#send({ type: "applied", generation });
      })
      .catch((error: unknown) => {
        this.#options.log.error({ err: error, generation }, "desired state could not be applied");
      });
  }

  #ping(socket: WebSocket): void {
    if (!this.#isAnswered) return socket.terminate();
    this.#isAnswered = false;
    socket.ping();
  }

  #send(message: FromRelay): void {
    const socket = this.#socket;
    if (socket === null || socket.readyState !== socket.OPEN) return;
    if (socket.bufferedAmount > UNREAD_BYTES_MAX) return socket.terminate();
    socket.send(JSON.stringify(message));
  }
}

function parseMessage(text: string): ToRelay | null {
  try {
    const parsed = ToRelay.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : null;
  } catch {
    // Not JSON: malformed like anything else that does not fit.
    return null;
  }
}
