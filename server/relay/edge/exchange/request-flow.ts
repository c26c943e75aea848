import type { Writable } from "node:stream";
import type { CloseReason } from "#protocol/api/connections.ts";
import type { EdgeErrorCode } from "#protocol/api/http-figures.ts";
import type { HttpBackend } from "#protocol/control/http-routing.ts";
import {
  type BackendAnswer,
  type BackendExchange,
  type BackendFailure,
} from "../backend/backend-side.ts";
import type { Dialed } from "../backend/dial-backend.ts";
import { startHttp1 } from "../backend/http1-backend.ts";
import { startHttp2 } from "../backend/http2-backend.ts";
import type { RawHeaders } from "../../headers/raw-headers.ts";
import { type ClientSide, hasAnswerBody } from "../client/client-side.ts";
import { changeHeaders } from "../filters/change-headers.ts";
import { toClientHeaders } from "../headers/to-client-headers.ts";
import { toTrailers } from "../headers/to-trailers.ts";
import type { Admitted } from "./admit-request.ts";
import { answerItself } from "./answer-itself.ts";
import { backendNameOf, planAttempt, type AttemptPlan } from "./plan-attempt.ts";
import type { EdgeDeps } from "./edge-deps.ts";
import { Mirrors } from "./mirrors.ts";
import { relayBody } from "./relay-body.ts";
import { RequestWish } from "./request-wish.ts";

/** Backends that are asked for one request, when none of them could be connected to. */
const ATTEMPTS_MAX = 3;

/** RFC 9110 section 9.2.2: asking twice is no more than asking once. */
const IDEMPOTENT: ReadonlySet<string> = new Set([
  "GET",
  "HEAD",
  "OPTIONS",
  "TRACE",
  "PUT",
  "DELETE",
]);

/** Interim answers have no body, and so no trailers. */
const INTERIM = { received: "1.1", canHaveTrailers: false } as const;
/** Interim answers of one request. A choice: more than one a second for a quarter of an hour. */
const INTERIMS_MAX = 1_000;

/** What ends a request from outside is to its client, while it has no answer. */
const CUT_CODES: Partial<Record<CloseReason, EdgeErrorCode>> = {
  idle_timeout: "request_timeout",
  relay_shutdown: "shutting_down",
};

/** What Node finds wrong with a head that it is to send. */
export function describeHeadError(error: unknown): string {
  if (error instanceof Error && "code" in error) {
    return `Its head cannot be passed on (${String(error.code)}).`;
  }
  throw error;
}

/** Passes one request on to a backend and its answer back. */
export class RequestFlow {
  readonly #client: ClientSide;
  readonly #admitted: Admitted;
  readonly #deps: EdgeDeps;
  readonly #tried = new Set<HttpBackend>();
  #wish: RequestWish | null = null;
  #attempts = 0;
  #interims = 0;
  #attempt: BackendExchange | null = null;
  #mirrors: Mirrors | null = null;
  #stopBody: (() => void) | null = null;
  #isBodyStarted = false;
  #isHeadSent = false;
  #isOver = false;
  #requestTimer: NodeJS.Timeout | undefined;
  #backendTimer: NodeJS.Timeout | undefined;

  constructor(client: ClientSide, admitted: Admitted, deps: EdgeDeps) {
    this.#client = client;
    this.#admitted = admitted;
    this.#deps = deps;
  }

  start(): void {
    const { exchange, matched } = this.#admitted;
    exchange.isBodyDue = this.#client.body !== null;
    exchange.onCut((reason) => this.#onCut(reason));
    this.#client.onClose(() => this.#close());
    const { requestTimeoutMs } = matched.rule;
    if (requestTimeoutMs !== null) {
      this.#requestTimer = setTimeout(() => this.#onTimeout(), requestTimeoutMs);
    }
    this.#next();
  }

  /** @param before why the attempt before failed; it explains more than that there is no other backend. */
  #next(before: BackendFailure | null = null): void {
    const plan = planAttempt(this.#client, this.#admitted, {
      random: this.#deps.random,
      tried: this.#tried,
    });
    if (plan.kind === "refuse") {
      return this.#answer(before?.code ?? plan.code, before === null ? plan.detail : before.detail);
    }
    if (plan.kind === "redirect") {
      const { status, headers } = plan;
      this.#deps.table.answered(this.#admitted.exchange, status);
      this.#isHeadSent = true;
      this.#client.respond({ status, headers, isEmpty: true, mayHaveTrailers: false });
      return this.#client.finish([]);
    }
    this.#mirrors ??= Mirrors.start(plan, this.#admitted, this.#deps);
    this.#ask(plan);
  }

  #ask(plan: Extract<AttemptPlan, { kind: "forward" }>): void {
    const { exchange, matched } = this.#admitted;
    const { backend, request } = plan;
    this.#attempts += 1;
    if (backend !== null) this.#tried.add(backend);
    exchange.backend = backend === null ? null : backendNameOf(backend);
    const wish = new RequestWish(exchange, backend);
    this.#wish = wish;
    const events = {
      onWay: (way: Dialed) => {
        exchange.way = way;
      },
      onReady: () => this.#onReady(),
      onInform: (status: number, headers: RawHeaders) => this.#onInform(status, headers),
      onAnswer: (answer: BackendAnswer) => this.#onAnswer(answer, plan),
      onFailure: (failure: BackendFailure) => this.#onFailure(failure, plan),
    };
    const { agent, sessions } = this.#deps;
    const { backendTimeoutMs } = matched.rule;
    if (backendTimeoutMs !== null) {
      this.#backendTimer = setTimeout(() => this.#onTimeout(), backendTimeoutMs);
    }
    try {
      this.#attempt =
        plan.protocol === "h2c"
          ? startHttp2({ sessions, name: agent.nameOf(wish), wish, request, events })
          : startHttp1({ agent, wish, request, events });
    } catch (error) {
      // What one version of HTTP carries in a head, another may forbid.
      this.#answer("bad_request", describeHeadError(error));
    }
  }

  /** A connection carries the request: the body may flow. */
  #onReady(): void {
    const { body } = this.#client;
    if (body === null) return;
    // The attempt tells from within its own making when a session was there already.
    queueMicrotask(() => this.#startBody());
  }

  #startBody(): void {
    const { body: from } = this.#client;
    const attempt = this.#attempt;
    if (from === null || attempt === null || this.#isOver) return;
    const { exchange } = this.#admitted;
    this.#isBodyStarted = true;
    let isStarted = false;
    this.#stopBody = relayBody({
      from,
      to: attempt.body,
      onChunk: (chunk) => {
        isStarted = true;
        exchange.bytesIn += chunk.byteLength;
        this.#mirrors?.write(chunk);
      },
      onEnd: () => {
        exchange.isBodyDue = false;
        attempt.finish(toTrailers(this.#client.bodyTrailers()));
        this.#mirrors?.end();
      },
    });
    // A service may have to see the head before the client sends a body (Expect), or for long before it does.
    setImmediate(() => {
      if (!isStarted && !this.#isOver) attempt.flush();
    });
  }

  #onInform(status: number, headers: RawHeaders): void {
    this.#interims += 1;
    if (this.#interims > INTERIMS_MAX) {
      this.#dropAttempt();
      return this.#answer("backend_failed", "It gave interim answers without end.");
    }
    this.#client.inform(status, toClientHeaders(headers, { ...INTERIM, status }));
  }

  #onAnswer(answer: BackendAnswer, plan: Extract<AttemptPlan, { kind: "forward" }>): void {
    const { exchange } = this.#admitted;
    const client = this.#client;
    const { status, isEmpty, body, version: received } = answer;
    const canHaveTrailers = client.version !== "1.0" && hasAnswerBody(client.method, status);
    const mayHaveTrailers = answer.mayHaveTrailers && canHaveTrailers;
    const facts = { received, status, canHaveTrailers: mayHaveTrailers };
    const headers = changeHeaders(toClientHeaders(answer.headers, facts), plan.responseChanges);
    // Its next request finds a relay that goes on; HTTP/2 has said goodbye by itself.
    if (this.#deps.isDraining() && client.version !== "2") headers.push("Connection", "close");
    let to: Writable | null;
    try {
      to = client.respond({ status, headers, isEmpty, mayHaveTrailers });
    } catch (error) {
      this.#dropAttempt();
      return this.#answer("backend_failed", describeHeadError(error));
    }
    this.#isHeadSent = true;
    this.#deps.table.answered(exchange, status);
    if (to === null) {
      // HEAD and the like: what is left is nothing, or not for the client.
      body.resume();
      return;
    }
    let isStarted = false;
    relayBody({
      from: body,
      to,
      onChunk: (chunk) => {
        isStarted = true;
        exchange.bytesOut += chunk.byteLength;
      },
      onEnd: () => {
        client.finish(toTrailers(answer.trailers()));
        this.#dropBody();
      },
    });
    // Heads of streams, such as server-sent events, do not wait for their first byte.
    setImmediate(() => {
      if (!isStarted && !this.#isOver) client.flush();
    });
  }

  /** The answer is whole, and a service that gave it before the request was has no use for the rest. */
  #dropBody(): void {
    const { exchange } = this.#admitted;
    if (!exchange.isBodyDue) return;
    exchange.isBodyDue = false;
    this.#stopBody?.();
    this.#attempt?.cancel();
  }

  #onFailure(failure: BackendFailure, { backend }: { readonly backend: HttpBackend | null }): void {
    clearTimeout(this.#backendTimer);
    this.#attempt = null;
    if (this.#isOver) return;
    if (this.#isHeadSent) {
      const { exchange } = this.#admitted;
      exchange.error = "backend_failed";
      exchange.detail = failure.detail;
      return this.#client.abort();
    }
    if (this.#mayAskAgain(failure)) {
      // A kept connection that was just hung up says nothing against its backend.
      if (failure.isStale && backend !== null) this.#tried.delete(backend);
      return this.#next(failure);
    }
    this.#answer(failure.code, failure.detail);
  }

  #mayAskAgain({ isUnsent, isStale }: BackendFailure): boolean {
    const { method } = this.#client;
    if (this.#attempts >= ATTEMPTS_MAX || this.#isBodyStarted || !IDEMPOTENT.has(method)) {
      return false;
    }
    return isUnsent ? this.#admitted.matched.rule.backends.length > 0 : isStale;
  }

  #onTimeout(): void {
    this.#dropAttempt();
    if (this.#isHeadSent) {
      this.#admitted.exchange.error = "backend_timeout";
      this.#client.abort();
    } else this.#answer("backend_timeout", "The time that the route allows is over.");
  }

  #onCut(reason: CloseReason): void {
    this.#dropAttempt();
    if (this.#isHeadSent) this.#client.abort();
    else this.#answer(CUT_CODES[reason] ?? "tunnel_off", null);
  }

  #dropAttempt(): void {
    this.#attempt?.cancel();
    this.#attempt = null;
  }

  #answer(code: EdgeErrorCode, detail: string | null): void {
    if (this.#isHeadSent || this.#isOver) return;
    this.#isHeadSent = true;
    const { exchange, requestId } = this.#admitted;
    answerItself({ client: this.#client, deps: this.#deps, exchange, requestId, code, detail });
  }

  /** The client has its answer, or is gone. */
  #close(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#requestTimer);
    clearTimeout(this.#backendTimer);
    this.#stopBody?.();
    this.#wish?.giveUp();
    this.#mirrors?.close();
    this.#attempt?.cancel();
  }
}
