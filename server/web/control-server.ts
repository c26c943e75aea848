import { chmod, rm } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Duplex } from "node:stream";

/** One administrator's request, bytes. */
const BODY_BYTES_MAX = 64 * 1024;
const OWNER_ONLY = 0o600;

export interface ControlServerOptions {
  readonly socketPath: string;
  readonly onUpgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
  /** Answers `POST <path>`; null when there is nothing at this path. */
  readonly onRequest: (path: string, body: unknown) => Promise<Response | null>;
}

/**
 * The private socket of the web process: relays' channels and administrator's commands. Only who may open the file
 * can reach it, and that is the user Culvert runs as.
 */
export async function startControlServer(options: ControlServerOptions): Promise<Server> {
  const server = createServer((request, response) => {
    void answer(options, request, response);
  });
  server.on("upgrade", options.onUpgrade);
  await listenOnSocket(server, options.socketPath);
  return server;
}

/** Listens on a socket file that nobody else may open; what a dead process left there is removed. */
export async function listenOnSocket(server: Server, socketPath: string): Promise<void> {
  await rm(socketPath, { force: true });
  const listening = Promise.withResolvers<void>();
  server.once("error", listening.reject);
  server.listen(socketPath, listening.resolve);
  await listening.promise;
  await chmod(socketPath, OWNER_ONLY);
}

async function answer(
  options: ControlServerOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    const body = request.method === "POST" ? await readJson(request) : null;
    const result = body === null ? null : await options.onRequest(request.url ?? "", body);
    response.writeHead(result?.status ?? 404, { "content-type": "application/json" });
    response.end(result === null ? "{}" : await result.text());
  } catch {
    // The other end went away or sent nonsense: there is nobody to tell more to.
    response.writeHead(400).end("{}");
  }
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  let text = "";
  for await (const chunk of request.setEncoding("utf8") as AsyncIterable<string>) {
    text += chunk;
    if (text.length > BODY_BYTES_MAX) throw new RangeError("the request is too large");
  }
  return JSON.parse(text) as unknown;
}
