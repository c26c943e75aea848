import { type ClientRequest, type IncomingMessage, request as httpRequest } from "node:http";
import type { Duplex } from "node:stream";
import { StreamBrokenError } from "#mux/stream/stream-duplex.ts";
import type { RawHeaders } from "../../headers/raw-headers.ts";
import { toPairs } from "../client/header-object.ts";
import { HEADER_BYTES_MAX } from "../edge-port-user.ts";
import { findAnswerFault, toFaultText } from "../headers/find-answer-fault.ts";
import type {
  BackendEvents,
  BackendExchange,
  BackendFailure,
  BackendRequest,
} from "./backend-side.ts";
import { DialError, type Dialed, type DialWish } from "./dial-backend.ts";
import type { Http1Agent } from "./http1-agent.ts";

/** Methods whose requests have a body or say that it is empty. */
const EXPECTING_A_BODY: ReadonlySet<string> = new Set(["POST", "PUT", "PATCH"]);

export interface Http1Attempt {
  readonly agent: Http1Agent;
  readonly wish: DialWish;
  readonly request: BackendRequest;
  readonly events: BackendEvents & { onWay(way: Dialed): void };
}

/** Asks a backend by HTTP/1.1. */
export function startHttp1({ agent, wish, request, events }: Http1Attempt): BackendExchange {
  return new Http1Exchange(agent, wish, request, events);
}

class Http1Exchange implements BackendExchange {
  readonly body: ClientRequest;
  readonly #events: Http1Attempt["events"];
  #isOver = false;

  constructor(
    agent: Http1Agent,
    wish: DialWish,
    request: BackendRequest,
    events: Http1Attempt["events"],
  ) {
    this.#events = events;
    const args = {
      agent,
      wish,
      method: request.method,
      path: request.target,
      headers: framed(request),
      setHost: false,
      maxHeaderSize: HEADER_BYTES_MAX,
    };
    const upstream = httpRequest(args);
    this.body = upstream;
    upstream.on("socket", (socket: Duplex) => this.#onSocket(socket, agent));
    // Fields past Node's bound would be dropped silently; the head's bound in bytes holds.
    upstream.maxHeadersCount = 0;
    upstream.on("information", ({ statusCode, rawHeaders }) =>
      this.#tell(() => events.onInform(statusCode, rawHeaders)),
    );
    upstream.on("response", (answer) => this.#onAnswer(answer));
    // Without a listener Node drops the connection, and tells nobody.
    upstream.on("upgrade", (answer, socket) => {
      socket.destroy();
      this.#fail(new AnswerFaultError(faultOf(answer) ?? ""));
    });
    upstream.on("error", (error) => this.#fail(error));
    if (!request.hasBody) upstream.end();
  }

  finish(trailers: RawHeaders): void {
    if (this.body.writableEnded) return;
    if (trailers.length > 0) this.body.addTrailers(toPairs(trailers));
    this.body.end();
  }

  flush(): void {
    this.body.flushHeaders();
  }

  cancel(): void {
    this.#isOver = true;
    this.body.destroy();
  }

  #onSocket(socket: Duplex, agent: Http1Agent): void {
    const way = agent.wayOf(socket);
    if (way === null) return;
    this.#tell(() => {
      this.#events.onWay(way);
      this.#events.onReady();
    });
  }

  #onAnswer(answer: IncomingMessage): void {
    answer.on("error", (error) => this.#fail(error));
    const fault = faultOf(answer);
    if (fault !== null) return void answer.destroy(new AnswerFaultError(fault));
    this.#tell(() =>
      this.#events.onAnswer({
        version: answer.httpVersion === "1.0" ? "1.0" : "1.1",
        status: answer.statusCode ?? 502,
        headers: answer.rawHeaders,
        body: answer,
        isEmpty: false,
        mayHaveTrailers: answer.headers["transfer-encoding"] !== undefined,
        trailers: () => answer.rawTrailers,
      }),
    );
  }

  #fail(error: Error): void {
    this.#tell(() => {
      this.#isOver = true;
      this.#events.onFailure(this.#judge(error));
    });
  }

  #judge(error: Error): BackendFailure {
    if (error instanceof DialError) {
      return { code: error.code, detail: error.detail, isUnsent: true, isStale: false };
    }
    const isLost = error instanceof StreamBrokenError && error.why === "session_closed";
    const isStale = this.body.reusedSocket;
    if (isLost) {
      return {
        code: "agent_offline",
        detail: "The agent's link was lost.",
        isUnsent: false,
        isStale,
      };
    }
    return { code: "backend_failed", detail: describe(error), isUnsent: false, isStale };
  }

  #tell(tell: () => void): void {
    if (!this.#isOver) tell();
  }
}

/** Node took the head, and we do not. */
class AnswerFaultError extends Error {}

function faultOf({ httpVersion, statusCode = 0, rawHeaders }: IncomingMessage): string | null {
  return findAnswerFault({ version: httpVersion, status: statusCode, rawHeaders });
}

/** Node frames what says nothing of its length by chunks only for some methods; so it is said. */
function framed({ method, headers, hasBody, isSized }: BackendRequest): RawHeaders {
  if (isSized) return headers;
  if (hasBody) return [...headers, "Transfer-Encoding", "chunked"];
  return EXPECTING_A_BODY.has(method) ? [...headers, "Content-Length", "0"] : headers;
}

/** What Node's parser and sockets say, in plain words. */
function describe(error: Error): string {
  if (error instanceof AnswerFaultError) return toFaultText(error.message);
  const code = "code" in error ? String(error.code) : "";
  if (code.startsWith("HPE_")) return `Its answer is not valid HTTP (${code}).`;
  if (code === "ECONNRESET") return "It closed the connection without an answer.";
  return "The connection to it broke.";
}
