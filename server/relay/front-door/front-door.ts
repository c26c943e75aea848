import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { AGENT_SOCKET_PATH } from "#protocol/control/limits.ts";
import { toForwarded, type Forwarded } from "../headers/forwarded-headers.ts";
import type { IsTrustedProxy } from "../headers/trusted-proxies.ts";
import type { WebProxy } from "./web-proxy.ts";

/** How long a client may take, milliseconds: what keeps slow ones from filling the front door. */
export interface FrontDoorTimeouts {
  /** From the connection, or the request before, to the end of the header. */
  readonly headersMs: number;
  /** From there to the end of the request's body. */
  readonly requestMs: number;
  /** Between requests. */
  readonly keepAliveMs: number;
  /** How often that is looked at. */
  readonly checkMs: number;
}

export const FRONT_DOOR_TIMEOUTS: FrontDoorTimeouts = {
  headersMs: 15_000,
  requestMs: 300_000,
  keepAliveMs: 65_000,
  checkMs: 5_000,
};

/** Sockets at the front door that are no agents'. */
const CONNECTIONS_MAX = 10_000;
const READY_TIMEOUT_MS = 2_000;

export interface FrontDoorOptions {
  readonly host: string;
  readonly port: number;
  readonly timeouts: FrontDoorTimeouts;
  readonly proxy: WebProxy;
  readonly isTrustedProxy: IsTrustedProxy;
  /** Takes an upgrade request on the agents' path. */
  readonly onAgent: (upgrade: {
    readonly request: IncomingMessage;
    readonly socket: Duplex;
    readonly head: Buffer;
    readonly address: string;
  }) => void;
  /** True while this half works: it has been told what to serve at least once. */
  readonly isReady: () => boolean;
}

/** The public HTTP port: agents to the hub, health for itself, everything else to the web process. */
export class FrontDoor {
  readonly #options: FrontDoorOptions;
  readonly #server: Server;

  constructor(options: FrontDoorOptions) {
    this.#options = options;
    const { headersMs, requestMs, keepAliveMs, checkMs } = options.timeouts;
    this.#server = createServer(
      {
        headersTimeout: headersMs,
        requestTimeout: requestMs,
        keepAliveTimeout: keepAliveMs,
        connectionsCheckingInterval: checkMs,
        noDelay: true,
      },
      (request, response) => this.#onRequest(request, response),
    );
    this.#server.maxConnections = CONNECTIONS_MAX;
    this.#server.on("upgrade", (request, socket, head) => this.#onUpgrade(request, socket, head));
  }

  /** @throws the system's error when the port cannot be bound. */
  listen(reusePort: boolean): Promise<void> {
    const { host, port } = this.#options;
    return new Promise((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen({ host, port, reusePort }, () => {
        this.#server.removeListener("error", reject);
        resolve();
      });
    });
  }

  /** The port that is bound, after `listen`. */
  get port(): number {
    const address = this.#server.address();
    return address === null || typeof address === "string" ? 0 : address.port;
  }

  /** Accepts nothing new; requests in flight end by themselves. Idempotent. */
  stop(): void {
    this.#server.close();
    this.#server.closeIdleConnections();
  }

  /** Drops what is left. */
  close(): void {
    this.stop();
    this.#server.closeAllConnections();
  }

  #onRequest(request: IncomingMessage, response: ServerResponse): void {
    switch (pathOf(request)) {
      case "/healthz":
        return answer(response, 200, { status: "ok" });
      case "/readyz":
        void this.#answerReady(response);
        return;
      case AGENT_SOCKET_PATH:
        response.setHeader("Upgrade", "websocket");
        return answer(response, 426, { status: "agents connect here by WebSocket" });
      default:
        this.#options.proxy.passRequest(request, response, this.#forwarded(request));
    }
  }

  #onUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const forwarded = this.#forwarded(request);
    if (pathOf(request) === AGENT_SOCKET_PATH) {
      const { address } = forwarded;
      return this.#options.onAgent({ request, socket, head, address });
    }
    this.#options.proxy.passUpgrade(request, socket, head, forwarded);
  }

  async #answerReady(response: ServerResponse): Promise<void> {
    const { proxy, isReady } = this.#options;
    const relay = isReady();
    const web = (await proxy.ask("/readyz", READY_TIMEOUT_MS)) === 200;
    const word = (isUp: boolean): string => (isUp ? "ok" : "unavailable");
    const isUp = relay && web;
    answer(response, isUp ? 200 : 503, { status: word(isUp), relay: word(relay), web: word(web) });
  }

  #forwarded(request: IncomingMessage): Forwarded {
    const peer = request.socket.remoteAddress ?? "";
    return toForwarded(request.headers, peer, this.#options.isTrustedProxy);
  }
}

function pathOf(request: IncomingMessage): string {
  return (request.url ?? "").split("?", 1)[0] ?? "";
}

function answer(response: ServerResponse, status: number, body: Record<string, string>): void {
  response
    .writeHead(status, { "Content-Type": "application/json", "Cache-Control": "no-store" })
    .end(`${JSON.stringify(body)}\n`);
}
