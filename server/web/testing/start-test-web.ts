import { mkdtemp, rm } from "node:fs/promises";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino, type Logger } from "pino";
import { openDatabase } from "#server/db/client.ts";
import { COMMAND_LINE_ACTOR } from "#server/services/actor.ts";
import { createApiKey } from "#server/services/api-keys/create-api-key.ts";
import { startWeb, type RunningWeb } from "#server/web/start-web.ts";
import type { Role } from "#protocol/api/common.ts";
import { createRoutePages } from "./route-pages.ts";

export const PUBLIC_URL = "http://localhost:3000";
export const SIGN_IN_COMMAND = "node bin/culvert.ts admin sign-in-link";
const SECRET = "0123456789abcdef0123456789abcdef";

export interface TestAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly text: string;
  readonly json: unknown;
}

export interface SendOptions {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** Sent as it is, instead of `body`. */
  readonly rawBody?: string;
}

export interface TestWeb {
  readonly web: RunningWeb;
  readonly runDir: string;
  readonly channelSecret: string;
  readonly notices: readonly string[];
  /** Sends one request to the web process's socket, as the front door would. */
  send(path: string, options?: SendOptions): Promise<TestAnswer>;
  createKey(role: Role): Promise<string>;
  close(): Promise<void>;
}

export interface TestWebOptions {
  readonly graceMs?: number;
  /** Told in silence unless given. */
  readonly log?: Logger;
}

/** Starts a real web process's insides on a real database: all but Next and the process boundary. */
export async function startTestWeb(options: TestWebOptions = {}): Promise<TestWeb> {
  const runDir = await mkdtemp(join(tmpdir(), "culvert-web-"));
  const db = await openDatabase({ url: `file:${join(runDir, "test.db")}` });
  const notices: string[] = [];
  const channelSecret = "a secret of the relay channel";
  const web = await startWeb({
    log: pino({ level: "silent" }),
    ...options,
    db,
    runDir,
    secret: SECRET,
    channelSecret,
    signInCommands: { onPage: SIGN_IN_COMMAND, onTerminal: SIGN_IN_COMMAND },
    installation: {
      publicUrl: PUBLIC_URL,
      relayHost: "127.0.0.1",
      relayPorts: { from: 15_000, to: 15_099 },
      edge: { domain: "tunnel.test", port: 8080 },
      directCidrs: [],
      agentImage: "registry.example.com/culvert-agent:test",
      version: "0.0.0-test",
      startedAt: new Date(),
      database: "sqlite",
      warnings: [],
    },
    isLoopbackLocal: true,
    admin: null,
    onNotice: (text) => notices.push(text),
    // One after the other in one process, so the slot is taken over rather than taken.
    publish: (runtime) => Object.assign(globalThis, { [Symbol.for("culvert.runtime")]: runtime }),
    createPages: async () => createRoutePages(),
  });
  const socketPath = join(runDir, "web.sock");
  return {
    web,
    runDir,
    channelSecret,
    notices,
    send: (path, sent) => sendTo(socketPath, path, sent),
    createKey: async (role) => {
      const { key } = await createApiKey(web.runtime, COMMAND_LINE_ACTOR, { name: role, role });
      return key;
    },
    close: async () => {
      await web.close();
      await db.$disconnect();
      await rm(runDir, { recursive: true });
    },
  };
}

function sendTo(socketPath: string, path: string, options: SendOptions = {}): Promise<TestAnswer> {
  const answer = Promise.withResolvers<TestAnswer>();
  const body =
    options.rawBody ?? (options.body === undefined ? undefined : JSON.stringify(options.body));
  const sent = request(
    {
      socketPath,
      path,
      method: options.method ?? "GET",
      agent: false,
      headers: {
        "x-forwarded-for": "192.0.2.7",
        "x-forwarded-proto": "http",
        "x-forwarded-host": "localhost:3000",
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...(body === undefined || options.headers?.["transfer-encoding"] !== undefined
          ? {}
          : { "content-length": String(Buffer.byteLength(body)) }),
        ...options.headers,
      },
    },
    (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => (text += chunk));
      response.on("end", () => {
        const isJson = response.headers["content-type"]?.includes("json") === true;
        const json: unknown = isJson && text !== "" ? JSON.parse(text) : null;
        answer.resolve({ status: response.statusCode ?? 0, headers: response.headers, text, json });
      });
    },
  );
  sent.on("error", answer.reject);
  sent.end(body);
  return answer.promise;
}

/** The `Cookie` header that an answer's `Set-Cookie` asks for. */
export function cookieFrom(answer: TestAnswer): string {
  const cookies = answer.headers["set-cookie"];
  const list = typeof cookies === "string" ? [cookies] : (cookies ?? []);
  return list.map((cookie) => cookie.split(";", 1)[0]).join("; ");
}
