import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Log } from "../log.ts";
import { EXPOSITION_CONTENT_TYPE } from "../metrics/exposition.ts";
import { findStuck, findUnready, type AgentStatus } from "./agent-status.ts";

export interface AgentHttpServerOptions {
  readonly port: number;
  readonly status: () => AgentStatus;
  /** The text for Prometheus. */
  readonly metrics: () => string;
  readonly log: Log;
}

const HEADERS_MAX_BYTES = 8 * 1024;
const HEADERS_TIMEOUT_MS = 5_000;
/** Longer than collectors wait between two scrapes of ours would only hold sockets. */
const KEEP_ALIVE_MS = 5_000;
const CONNECTIONS_MAX = 64;

interface Page {
  readonly status: number;
  readonly contentType: string;
  readonly text: string;
}

/** The agent's own pages for probes and collectors. Not vital: a port that is taken is a warning. */
export class AgentHttpServer {
  readonly #options: AgentHttpServerOptions;
  readonly #server: Server;
  readonly #pages: ReadonlyMap<string, () => Page>;

  constructor(options: AgentHttpServerOptions) {
    this.#options = options;
    this.#pages = createPages(options);
    this.#server = createServer({ maxHeaderSize: HEADERS_MAX_BYTES }, (request, response) =>
      this.#answer(request, response),
    );
    this.#server.headersTimeout = HEADERS_TIMEOUT_MS;
    this.#server.requestTimeout = HEADERS_TIMEOUT_MS;
    this.#server.keepAliveTimeout = KEEP_ALIVE_MS;
    this.#server.maxConnections = CONNECTIONS_MAX;
  }

  /**
   * Listens on every address, IPv6 ones too where there are any: probes come to the pod's own.
   *
   * @returns the port it listens on, or null when it could not.
   */
  start(): Promise<number | null> {
    const { port, log } = this.#options;
    return new Promise((resolve) => {
      this.#server.on("error", (error: NodeJS.ErrnoException) => {
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
    // Nobody has anything to send here: a body ends the connection, not our patience.
    if (hasBody(request)) response.setHeader("connection", "close");
    request.resume();
    const page = this.#findPage(request);
    response.writeHead(page.status, {
      "content-type": page.contentType,
      "cache-control": "no-store",
      ...(page.status === 405 ? { allow: "GET, HEAD" } : {}),
    });
    response.end(page.text);
  }

  #findPage({ url = "", method = "" }: IncomingMessage): Page {
    const [path = ""] = url.split("?", 1);
    const create = this.#pages.get(path);
    if (create === undefined) return toJson(404, { status: "not_found" });
    if (method !== "GET" && method !== "HEAD") return toJson(405, { status: "method_not_allowed" });
    return create();
  }
}

function createPages({ status, metrics }: AgentHttpServerOptions): ReadonlyMap<string, () => Page> {
  const health = (): Page => describeHealth(status());
  const ready = (): Page => describeReadiness(status());
  return new Map<string, () => Page>([
    ["/health", health],
    ["/healthz", health],
    ["/ready", ready],
    ["/readyz", ready],
    ["/version", () => toJson(200, { version: status().version })],
    ["/metrics", () => ({ status: 200, contentType: EXPOSITION_CONTENT_TYPE, text: metrics() })],
  ]);
}

function describeHealth(status: AgentStatus): Page {
  const reasons = findStuck(status);
  const isAlive = reasons.length === 0;
  return toJson(isAlive ? 200 : 503, {
    status: isAlive ? "ok" : "stuck",
    uptimeSeconds: status.uptimeSeconds,
    reasons,
  });
}

function describeReadiness(status: AgentStatus): Page {
  const reasons = findUnready(status);
  const isReady = reasons.length === 0;
  return toJson(isReady ? 200 : 503, {
    status: isReady ? "ready" : "not_ready",
    links: status.links,
    reasons,
  });
}

function toJson(status: number, body: object): Page {
  const text = `${JSON.stringify(body)}\n`;
  return { status, contentType: "application/json; charset=utf-8", text };
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers["transfer-encoding"] !== undefined || (headers["content-length"] ?? "0") !== "0";
}
