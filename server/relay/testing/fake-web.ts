import { createServer, type IncomingMessage, type Server } from "node:http";
import { rm } from "node:fs/promises";
import { type WebSocket, WebSocketServer } from "ws";
import type { CloseReason } from "#protocol/api/connections.ts";
import { type CloseConnectionsFilter, FromRelay, type ToRelay } from "#protocol/relay/channel.ts";
import type { DesiredChange, DesiredState } from "#protocol/relay/desired-state.ts";
import type { RelayEvent } from "#protocol/relay/events.ts";

type Handler = NonNullable<Parameters<typeof createServer>[1]>;

/** The web process as a relay sees it: pages on one unix socket, the relay channel on another. */
export class FakeWeb {
  readonly messages: FromRelay[] = [];
  readonly requests: IncomingMessage[] = [];
  readonly #paths: { readonly web: string; readonly control: string };
  readonly #secret: string;
  #desired: DesiredState = { clusters: [], tokens: [], tunnels: [] };
  #generation = 0;
  #servers: Server[] = [];
  #channel: WebSocket | null = null;
  #waiters: (() => void)[] = [];

  constructor(paths: { readonly web: string; readonly control: string }, secret: string) {
    this.#paths = paths;
    this.#secret = secret;
  }

  /** Starts, or starts again after `stop`, with an empty memory. */
  async start(desired: DesiredState, onRequest: Handler = defaultPage): Promise<void> {
    this.#desired = desired;
    this.messages.length = 0;
    const pages = createServer((request, response) => {
      this.requests.push(request);
      void onRequest(request, response);
    });
    const control = createServer();
    const channels = new WebSocketServer({ server: control, maxPayload: 64 * 1024 * 1024 });
    channels.on("connection", (socket, request) => this.#onChannel(socket, request));
    await listen(pages, this.#paths.web);
    await listen(control, this.#paths.control);
    this.#servers = [pages, control];
  }

  get pages(): Server | undefined {
    return this.#servers[0];
  }

  /** Goes away at once, as a killed process does. */
  async stop(): Promise<void> {
    const servers = this.#servers;
    this.#servers = [];
    this.#channel?.terminate();
    for (const server of servers) {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
    await rm(this.#paths.web, { force: true });
    await rm(this.#paths.control, { force: true });
  }

  /** Tells the relay what to serve. Resolves once it has applied it. */
  async desire(state: DesiredState): Promise<void> {
    this.#desired = state;
    await this.#push({ type: "desired", generation: ++this.#generation, state });
  }

  async change(change: DesiredChange): Promise<void> {
    await this.#push({ type: "change", generation: ++this.#generation, change });
  }

  async closeConnections(filter: CloseConnectionsFilter, reason: CloseReason): Promise<number> {
    const requestId = String(this.messages.length);
    this.#send({ type: "close_connections", requestId, filter, reason });
    const answer = await this.message(
      (message) => message.type === "response" && message.requestId === requestId,
    );
    return answer.type === "response" ? answer.closed : 0;
  }

  /** Resolves with the first message that matches, also when it has come already. */
  async message(matches: (message: FromRelay) => boolean): Promise<FromRelay> {
    for (;;) {
      const found = this.messages.find(matches);
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => this.#waiters.push(resolve));
    }
  }

  events(): RelayEvent[] {
    return this.messages.flatMap((message) => (message.type === "events" ? message.events : []));
  }

  /** Resolves with the first event of that kind that matches, also when it has come already. */
  async event<K extends RelayEvent["kind"]>(
    kind: K,
    matches: (event: Extract<RelayEvent, { kind: K }>) => boolean = () => true,
  ): Promise<Extract<RelayEvent, { kind: K }>> {
    for (;;) {
      for (const event of this.events()) {
        const typed = event as Extract<RelayEvent, { kind: K }>;
        if (event.kind === kind && matches(typed)) return typed;
      }
      await new Promise<void>((resolve) => this.#waiters.push(resolve));
    }
  }

  /** Resolves once this many events of that kind have come. */
  async eventCount(kind: RelayEvent["kind"], count: number): Promise<void> {
    while (this.events().filter((event) => event.kind === kind).length < count) {
      await new Promise<void>((resolve) => this.#waiters.push(resolve));
    }
  }

  #onChannel(socket: WebSocket, request: IncomingMessage): void {
    if (request.headers.authorization !== `Bearer ${this.#secret}`) return socket.terminate();
    this.#channel = socket;
    socket.on("error", () => undefined);
    socket.on("message", (data: Buffer) => {
      const message = FromRelay.parse(JSON.parse(data.toString("utf8")));
      this.messages.push(message);
      if (message.type === "hello") void this.desire(this.#desired);
      const waiters = this.#waiters;
      this.#waiters = [];
      for (const wake of waiters) wake();
    });
  }

  async #push(message: Extract<ToRelay, { generation: number }>): Promise<void> {
    this.#send(message);
    await this.message(
      (answer) => answer.type === "applied" && answer.generation === message.generation,
    );
  }

  #send(message: ToRelay): void {
    this.#channel?.send(JSON.stringify(message));
  }
}

const defaultPage: Handler = (request, response) => {
  response.setHeader("Content-Type", "application/json");
  response.end(JSON.stringify({ url: request.url, headers: request.headers }));
};

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(path, resolve);
  });
}
