import { type ClientRequest, type IncomingMessage, request as httpRequest } from "node:http";
import { NodeByteSocket } from "#mux/socket/node-byte-socket.ts";
import type { MuxStreamPort } from "#mux/stream/mux-stream-port.ts";
import { pump, type Pump, type PumpEnd } from "#mux/stream/pump.ts";
import type { StreamDuplex } from "#mux/stream/stream-duplex.ts";
import type { CloseReason } from "#protocol/api/connections.ts";
import type { EdgeErrorCode } from "#protocol/api/http-figures.ts";
import type { HttpBackend } from "#protocol/control/http-routing.ts";
import type { BackendRequest } from "../backend/backend-side.ts";
import { DialError, type Dialed } from "../backend/dial-backend.ts";
import type { UpgradeClient } from "../client/upgrade-client.ts";
import { HEADER_BYTES_MAX } from "../edge-port-user.ts";
import { changeHeaders } from "../filters/change-headers.ts";
import { findAnswerFault, toFaultText } from "../headers/find-answer-fault.ts";
import { toClientHeaders } from "../headers/to-client-headers.ts";
import { closeFrame } from "../websocket/close-frame.ts";
import { isOriginAllowed } from "../websocket/origin-rules.ts";
import { WatchedSocket } from "../websocket/watched-socket.ts";
import { WebSocketWatch } from "../websocket/web-socket-watch.ts";
import type { Admitted } from "./admit-request.ts";
import { answerItself } from "./answer-itself.ts";
import type { EdgeDeps } from "./edge-deps.ts";
import { backendKeyOf, backendNameOf, type ForwardPlan, planAttempt } from "./plan-attempt.ts";
import { describeHeadError } from "./request-flow.ts";
import { relayBody } from "./relay-body.ts";

/** How long a service may take to agree to another protocol, milliseconds. REQUIREMENTS B2. */
const UPGRADE_TIMEOUT_MS = 10_000;
/** The answer to an upgrade is not chunked. */
const ONE_HOP = { received: "1.1", canHaveTrailers: false } as const;
/** Backends that are asked, when none of them could be connected to. */
const ATTEMPTS_MAX = 3;

/** How long both sides may take to hang up after one broke the rules, milliseconds. */
const GOODBYE_MS = 2_000;

const END_ERRORS = {
  completed: null,
  socket_reset: null,
  stream_reset: "backend_failed",
  session_closed: "agent_offline",
  closed_locally: null,
} as const satisfies Record<PumpEnd, EdgeErrorCode | null>;

/** Passes one request for another protocol on, and then the bytes of that protocol: WebSocket and any other. */
export class UpgradeFlow {
  readonly #client: UpgradeClient;
  readonly #admitted: Admitted;
  readonly #deps: EdgeDeps;
  readonly #tried = new Set<HttpBackend>();
  readonly #abort = new AbortController();
  #upstream: ClientRequest | null = null;
  #pump: Pump | null = null;
  #timer: NodeJS.Timeout | undefined;
  #isAnswered = false;
  #isOver = false;

  constructor(client: UpgradeClient, admitted: Admitted, deps: EdgeDeps) {
    this.#client = client;
    this.#admitted = admitted;
    this.#deps = deps;
  }

  start(): void {
    const { exchange } = this.#admitted;
    exchange.onCut((reason) => this.#onCut(reason));
    this.#client.onClose(() => this.#close());
    if (!this.#isOriginAllowed()) return this.#answer("origin_forbidden", null);
    this.#timer = setTimeout(() => this.#onTimeout(), UPGRADE_TIMEOUT_MS);
    void this.#connect();
  }

  async #connect(): Promise<void> {
    let failure: DialError | null = null;
    for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
      const plan = this.#plan(failure);
      if (plan === null) return;
      const { exchange } = this.#admitted;
      if (plan.backend !== null) this.#tried.add(plan.backend);
      exchange.backend = plan.backend === null ? null : backendNameOf(plan.backend);
      try {
        const dialed = await this.#deps.dialer.dial({
          route: exchange.route,
          backend: plan.backend === null ? null : backendKeyOf(plan.backend),
          connectionId: exchange.id,
          clientAddress: exchange.clientAddress,
          signal: this.#abort.signal,
        });
        return this.#ask(plan, dialed);
      } catch (error) {
        if (!(error instanceof DialError)) throw error;
        failure = error;
      }
    }
    if (failure !== null) this.#answer(failure.code, failure.detail);
  }

  /** @returns null when it was answered otherwise. */
  #plan(failure: DialError | null): ForwardPlan | null {
    const { random } = this.#deps;
    const plan = planAttempt(this.#client, this.#admitted, { random, tried: this.#tried });
    if (plan.kind === "forward") return plan;
    if (failure !== null) this.#answer(failure.code, failure.detail);
    else if (plan.kind === "refuse") this.#answer(plan.code, plan.detail);
    else {
      this.#answered(plan.status);
      const { status, headers } = plan;
      this.#client.respond({ status, headers, isEmpty: true, mayHaveTrailers: false });
    }
    return null;
  }

  #ask(plan: ForwardPlan, dialed: Dialed): void {
    if (this.#isOver || this.#isAnswered) return void dialed.duplex.destroy();
    const { request } = plan;
    const { exchange } = this.#admitted;
    exchange.way = dialed;
    const upstream = this.#send(request, dialed.duplex);
    if (upstream === null) return void dialed.duplex.destroy();
    this.#upstream = upstream;
    upstream.on("upgrade", (answer, _socket, early) =>
      this.#join(answer, { plan, duplex: dialed.duplex, early }),
    );
    upstream.on("response", (answer) => this.#refuse(answer, plan));
    // Fields past Node's bound would be dropped silently; the head's bound in bytes holds.
    upstream.maxHeadersCount = 0;
    upstream.on("error", () => this.#answer("backend_failed", null));
    upstream.end();
  }

  #send({ method, target, headers }: BackendRequest, duplex: StreamDuplex): ClientRequest | null {
    try {
      return httpRequest({
        createConnection: () => duplex,
        method,
        path: target,
        headers: [...headers, "Connection", "Upgrade", "Upgrade", this.#client.protocol],
        setHost: false,
        maxHeaderSize: HEADER_BYTES_MAX,
      });
    } catch (error) {
      this.#answer("bad_request", describeHeadError(error));
      return null;
    }
  }

  /** The service agreed. */
  #join(
    answer: IncomingMessage,
    way: {
      readonly plan: ForwardPlan;
      readonly duplex: StreamDuplex;
      readonly early: Uint8Array;
    },
  ): void {
    this.#upstream = null;
    const protocol = answer.headers.upgrade ?? "";
    if (!isAmong(protocol, this.#client.protocol)) {
      way.duplex.destroy();
      return this.#answer("backend_failed", "It agreed to another protocol than was asked for.");
    }
    const { stream, unread } = way.duplex.detach();
    if (this.#isOver || this.#isAnswered) return stream.reset();
    clearTimeout(this.#timer);
    const { exchange } = this.#admitted;
    const status = answer.statusCode ?? 101;
    const headers = changeHeaders(
      toClientHeaders(answer.rawHeaders, { ...ONE_HOP, status }),
      way.plan.responseChanges,
    );
    this.#answered(status);
    exchange.upgraded(protocol);
    this.#client.accept([...headers, "Upgrade", protocol]);
    const clientBytes = new NodeByteSocket(this.#client.socket, this.#client.early, null);
    const watch =
      protocol.toLowerCase() === "websocket" ? this.#createWatch(clientBytes, stream) : null;
    const socket = watch === null ? clientBytes : new WatchedSocket(clientBytes, watch);
    for (const bytes of [way.early, unread]) if (bytes.byteLength > 0) socket.write(bytes);
    this.#pump = pump({
      socket,
      stream,
      observer: { onClose: ({ reason }) => this.#onPumpEnd(reason) },
    });
    exchange.follow(this.#pump.counters, watch === null ? null : () => watch.counts);
    this.#deps.table.show(exchange);
  }

  #createWatch(client: NodeByteSocket, service: MuxStreamPort): WebSocketWatch {
    const { log, clock } = this.#deps;
    const watch = new WebSocketWatch(clock, ({ code, reason }) => {
      const { exchange } = this.#admitted;
      exchange.detail = `Closed by rule: ${reason} (${code}).`;
      log.info({ id: exchange.id, code, reason }, "WebSocket closed by rule");
      if (watch.mayTellClient) client.write(closeFrame(code, reason, false));
      if (watch.mayTellService) service.write(closeFrame(code, reason, true));
      // Whoever does not hang up by himself is cut.
      this.#pump?.close("end");
      this.#timer = setTimeout(() => this.#pump?.close("reset"), GOODBYE_MS);
    });
    return watch;
  }

  /** The service answers something else: it is an answer like any other, and the connection ends with it. */
  #refuse(answer: IncomingMessage, plan: ForwardPlan): void {
    if (this.#isOver || this.#isAnswered) return void answer.destroy();
    const { statusCode: status = 0, httpVersion: version, rawHeaders } = answer;
    const fault =
      status === 101
        ? "it agrees, and names no protocol"
        : findAnswerFault({ version, status, rawHeaders });
    if (fault !== null) {
      answer.destroy();
      return this.#answer("backend_failed", toFaultText(fault));
    }
    clearTimeout(this.#timer);
    const { exchange } = this.#admitted;
    this.#answered(status);
    const headers = changeHeaders(
      toClientHeaders(rawHeaders, { ...ONE_HOP, status }),
      plan.responseChanges,
    );
    const to = this.#client.respond({ status, headers, isEmpty: false, mayHaveTrailers: false });
    if (to === null) return;
    answer.on("error", () => this.#client.abort());
    relayBody({
      from: answer,
      to,
      onChunk: (chunk) => {
        exchange.bytesOut += chunk.byteLength;
      },
      onEnd: () => this.#client.finish(),
    });
  }

  #isOriginAllowed(): boolean {
    if (this.#client.protocol.toLowerCase() !== "websocket") return true;
    const { entry, exchange } = this.#admitted;
    const { ownName, hostnames, allowedOrigins } = entry.http;
    const ownHosts = [ownName, ...hostnames];
    const origin = this.#client.header("origin");
    return isOriginAllowed(origin, ownHosts, exchange.request.host, allowedOrigins);
  }

  #onPumpEnd(reason: PumpEnd): void {
    const { exchange } = this.#admitted;
    exchange.error = END_ERRORS[reason];
    this.#client.over(reason === "completed");
  }

  #onTimeout(): void {
    this.#answer("backend_timeout", "It did not agree to another protocol in time.");
    this.#upstream?.destroy();
  }

  #onCut(reason: CloseReason): void {
    if (this.#pump !== null) return this.#pump.close("reset");
    if (this.#isAnswered) this.#client.abort();
    else this.#answer(reason === "relay_shutdown" ? "shutting_down" : "tunnel_off", null);
  }

  #answer(code: EdgeErrorCode, detail: string | null): void {
    if (this.#isAnswered || this.#isOver) return;
    this.#isAnswered = true;
    clearTimeout(this.#timer);
    const { exchange, requestId } = this.#admitted;
    answerItself({ client: this.#client, deps: this.#deps, exchange, requestId, code, detail });
  }

  #answered(status: number): void {
    this.#isAnswered = true;
    this.#deps.table.answered(this.#admitted.exchange, status);
  }

  /** The client is gone. */
  #close(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.#abort.abort();
    this.#upstream?.destroy();
  }
}

/** Whether a service goes over to nothing but what was asked for. Both as `Upgrade` lists them. */
function isAmong(agreed: string, asked: string): boolean {
  const names = (list: string): string[] =>
    list.split(",").map((name) => name.trim().toLowerCase());
  const known = new Set(names(asked));
  return names(agreed).every((name) => known.has(name));
}
