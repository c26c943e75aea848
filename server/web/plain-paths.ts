import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { BlockList, isIPv6 } from "node:net";
import { ERROR_TABLE } from "#protocol/errors.ts";
import { clientAddress } from "#server/http/authenticate.ts";
import { methodsOf } from "#server/http/find-route.ts";
import type { Actor } from "#server/services/actor.ts";
import type { WebMetrics } from "./prometheus.ts";

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet("127.0.0.0", 8, "ipv4");
LOOPBACK.addAddress("::1", "ipv6");

export interface PlainPathsOptions {
  readonly metrics: WebMetrics;
  readonly findActor: (headers: Headers) => Promise<Actor | null>;
  /** Whether a loopback address means somebody on this machine: it may also be a proxy's. */
  readonly isLoopbackLocal: boolean;
  /** Resolves when the database answers. */
  readonly checkDatabase: () => Promise<void>;
  /** How many relays are connected: with none, nothing is carried and nobody can be told so. */
  readonly relayCount: () => number;
  /** The agent's manifests for this server. */
  readonly readAgentManifest: () => Promise<string>;
}

type PlainHandler = (request: IncomingMessage, response: ServerResponse) => boolean;

/**
 * Answers `/healthz`, `/readyz`, `/metrics` and `/deploy/agent.yaml`, which machines ask for and no page is needed for,
 * and requests of the API by a method that its path does not have: Next would answer those without a word.
 *
 * @returns a handler that says whether the request was its own.
 */
export function createPlainPaths(options: PlainPathsOptions): PlainHandler {
  const paths: Readonly<
    Record<string, (request: IncomingMessage, response: ServerResponse) => Promise<void>>
  > = {
    "/healthz": async (_request, response) => sendJson(response, 200, { status: "ok" }),
    "/readyz": async (_request, response) => sendReadiness(options, response),
    "/metrics": async (request, response) => sendMetrics(options, request, response),
    "/deploy/agent.yaml": async (_request, response) => {
      const text = await options.readAgentManifest();
      response.writeHead(200, { "content-type": "application/yaml", "cache-control": "no-cache" });
      response.end(text);
    },
  };
  return (request, response) => {
    const path = request.url?.split("?", 1)[0] ?? "";
    const methods = methodsOf(path);
    if (methods !== null && !methods.includes(request.method ?? "")) {
      refuseMethod(response, methods);
      return true;
    }
    const handler = Object.hasOwn(paths, path) ? paths[path] : undefined;
    if (handler === undefined) return false;
    handler(request, response).catch(() => {
      if (!response.headersSent) sendJson(response, 500, { status: "failed" });
      else response.destroy();
    });
    return true;
  };
}

async function sendReadiness(options: PlainPathsOptions, response: ServerResponse): Promise<void> {
  const database = await options.checkDatabase().then(
    () => "ok",
    () => "failed",
  );
  const relays = options.relayCount();
  const isReady = database === "ok" && relays > 0;
  sendJson(response, isReady ? 200 : 503, {
    status: isReady ? "ok" : "not_ready",
    database,
    relays,
  });
}

async function sendMetrics(
  options: PlainPathsOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const headers = new Headers();
  for (const [name, value] of Object.entries(request.headers)) {
    if (typeof value === "string") headers.set(name, value);
  }
  const isLocal = options.isLoopbackLocal && isFromThisMachine(headers);
  const mayRead = isLocal || (await options.findActor(headers)) !== null;
  if (!mayRead) {
    response.writeHead(401, { "content-type": "text/plain" });
    response.end("An API key is needed.\n");
    return;
  }
  response.writeHead(200, { "content-type": options.metrics.contentType });
  response.end(await options.metrics.text());
}

/**
 * True when somebody on this machine asked for a name of this machine. The name counts, too: a proxy that passes on
 * what a stranger asked for, or a page whose name was pointed at us, comes from loopback as well.
 */
export function isFromThisMachine(headers: Headers): boolean {
  const address = clientAddress(headers);
  const host = URL.parse(`http://${headers.get("x-forwarded-host") ?? ""}`)?.hostname ?? "";
  const isLocalName = host === "localhost" || isLoopback(host.replace(/^\[(.*)\]$/, "$1"));
  return address !== null && isLoopback(address) && isLocalName;
}

/** @param address as the front door saw it; IPv4 may come mapped into IPv6. */
export function isLoopback(address: string): boolean {
  const plain = address.replace(/^::ffff:/i, "");
  return LOOPBACK.check(plain, isIPv6(plain) ? "ipv6" : "ipv4");
}

function refuseMethod(response: ServerResponse, methods: readonly string[]): void {
  const code = "method_not_allowed";
  const { http, retryable } = ERROR_TABLE[code];
  const message = `This path has ${methods.join(", ")} only`;
  response.setHeader("allow", methods.join(", "));
  response.setHeader("x-request-id", randomUUID());
  sendJson(response, http, { error: { code, message, retryable, details: {} } });
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json", "cache-control": "no-store" });
  response.end(JSON.stringify(body));
}
