import { request, type IncomingHttpHeaders, type IncomingMessage } from "node:http";
import { buffer } from "node:stream/consumers";
import type { Site } from "./http-lab.ts";

/** No answer of any service here takes longer. */
const DEADLINE_MS = 20_000;

export interface Question {
  readonly path?: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string | string[]>>;
  readonly body?: string | Uint8Array;
}

export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly rawHeaders: readonly string[];
  readonly trailers: NodeJS.Dict<string>;
  readonly body: Buffer;
  readonly text: string;
}

/** Asks on a connection of its own, and reads the whole answer. */
export async function ask(site: Site, question: Question = {}): Promise<Reply> {
  const answer = await open(site, question);
  const body = await buffer(answer);
  const { statusCode: status = 0, headers, rawHeaders, trailers } = answer;
  return { status, headers, rawHeaders, trailers, body, text: body.toString() };
}

/** Asks, and returns as soon as the head of the answer is there. Whoever calls reads or destroys the body. */
export function open(
  { port, host }: Site,
  { path = "/", method = "GET", headers = {}, body }: Question = {},
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const asked = request({
      port,
      host: "127.0.0.1",
      path,
      method,
      headers: { host, ...headers },
      agent: false,
      signal: AbortSignal.timeout(DEADLINE_MS),
    });
    asked.on("error", reject);
    asked.on("response", resolve);
    asked.end(body);
  });
}
