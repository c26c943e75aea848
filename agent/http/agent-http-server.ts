import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Log } from "../log.ts";

export interface AgentStatus {
  readonly version: string;
  readonly uptimeSeconds: number;
  readonly isReady: boolean;
  readonly links: number;
  readonly linksWanted: number;
  readonly connectionsOpen: number;
  readonly connectionsTotal: number;
  readonly connectionsFailed: number;
}

export interface AgentHttpServerOptions {
  readonly port: number;
  readonly status: () => AgentStatus;
  readonly log: Log;
}

const HEADERS_TIMEOUT_MS = 5_000;
const CONNECTIONS_MAX = 64;

/** The agent's own pages for probes and collectors. Not vital: a port that is taken is a warning. */
export class AgentHttpServer {
  readonly #options: AgentHttpServerOptions;
  readonly #server: Server;

  constructor(options: AgentHttpServerOptions) {
    this.#options = options;
    this.#server = createServer((request, response) => this.#answer(request, response));
    this.#server.headersTimeout = HEADERS_TIMEOUT_MS;
    this.#server.requestTimeout = HEADERS_TIMEOUT_MS;
    this.#server.maxConnections = CONNECTIONS_MAX;
  }

  /** @returns the port it listens on, or null when it could not. */
  start(): Promise<number | null> {
    const { port, log } = this.#options;
    return new Promise((resolve) => {
      this.#server.once("error", (error: NodeJS.ErrnoException) => {
        log.warn("The health pages are off: their port cannot be used", { port, code: error.code });
        resolve(null);
      });
      this.#server.listen(port, () => {
        const address = this.#server.address();
        resolve(typeof address === "object" && address !== null ? address.port : null);
      });
    });
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const status = this.#options.status();
    const [path = ""] = (request.url ?? "").split("?", 1);
    request.resume();
    switch (path) {
      case "/health":
      case "/healthz":
        return sendJson(response, 200, { status: "ok", uptimeSeconds: status.uptimeSeconds });
      case "/ready":
      case "/readyz":
        return sendJson(response, status.isReady ? 200 : 503, {
          status: status.isReady ? "ready" : "not_connected",
          links: { connected: status.links, wanted: status.linksWanted },
        });
      case "/version":
        return sendJson(response, 200, { version: status.version });
      case "/metrics":
        response.writeHead(200, { "content-type": "text/plain; version=0.0.4; charset=utf-8" });
        response.end(describeMetrics(status));
        return;
      default:
        return sendJson(response, 404, { status: "not_found" });
    }
  }
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json; charset=utf-8" });
  response.end(`${JSON.stringify(body)}\n`);
}

function describeMetrics(status: AgentStatus): string {
  const metrics = [
    ["culvert_agent_uptime_seconds", "gauge", status.uptimeSeconds],
    ["culvert_agent_links", "gauge", status.links],
    ["culvert_agent_connections_open", "gauge", status.connectionsOpen],
    ["culvert_agent_connections_total", "counter", status.connectionsTotal],
    ["culvert_agent_connections_failed_total", "counter", status.connectionsFailed],
  ] as const;
  return metrics
    .map(([name, type, value]) => `# TYPE ${name} ${type}\n${name} ${value}\n`)
    .join("");
}
