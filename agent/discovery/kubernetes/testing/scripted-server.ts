import { mkdtemp, rm, writeFile } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import { onTestFinished } from "vitest";
import { LOCALHOST_CERTIFICATE } from "#mux/transport/websocket/testing/localhost-certificate.ts";
import { HttpKubernetesApi } from "../api-client.ts";
import { ClusterAccess } from "../cluster-access.ts";

export interface Exchange {
  readonly url: URL;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Answers with JSON. */
  readonly send: (
    status: number,
    body: unknown,
    headers?: Readonly<Record<string, string>>,
  ) => void;
}

export interface ScriptedServer {
  readonly api: HttpKubernetesApi;
  /** What a pod would find: `token` and `ca.crt`. */
  readonly folder: string;
  /** Ends every connection, as a crash would. */
  dropAll(): void;
}

/**
 * A server on loopback that breaks the protocol on purpose, and a client with the credentials of a pod. What a real API
 * server does is tested against a real one.
 */
export async function startScriptedServer(
  answer: (exchange: Exchange) => void,
): Promise<ScriptedServer> {
  const sockets = new Set<Duplex>();
  const server = createServer(LOCALHOST_CERTIFICATE, (request, response) => {
    const send: Exchange["send"] = (status, body, headers = {}) => {
      response.writeHead(status, { "content-type": "application/json", ...headers });
      response.end(JSON.stringify(body));
    };
    answer({ url: new URL(request.url ?? "/", "https://localhost"), request, response, send });
  });
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const folder = await mkdtemp(join(tmpdir(), "culvert-pod-"));
  await writeFile(join(folder, "ca.crt"), LOCALHOST_CERTIFICATE.cert);
  await writeFile(join(folder, "token"), "first");
  const { port } = server.address() as AddressInfo;
  const access = new ClusterAccess({ kind: "service_account", host: "127.0.0.1", port, folder });
  const api = new HttpKubernetesApi({ access, userAgent: "culvert-agent/test" });
  const dropAll = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  onTestFinished(async () => {
    api.close();
    dropAll();
    await new Promise((resolve) => server.close(resolve));
    await rm(folder, { recursive: true });
  });
  return { api, folder, dropAll };
}
