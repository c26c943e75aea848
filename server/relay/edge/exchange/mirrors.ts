import type { TunnelId } from "#protocol/api/ids.ts";
import type { BackendEvents, BackendExchange } from "../backend/backend-side.ts";
import type { Dialed } from "../backend/dial-backend.ts";
import { startHttp1 } from "../backend/http1-backend.ts";
import { startHttp2 } from "../backend/http2-backend.ts";
import type { Admitted } from "./admit-request.ts";
import type { Copy } from "./copies.ts";
import type { EdgeDeps } from "./edge-deps.ts";
import { backendKeyOf, type ForwardPlan, type PlannedMirror } from "./plan-attempt.ts";

/** Of a body, what waits for a mirror that is slower than the service itself; past it the copy is given up. A choice. */
const WAITING_BYTES_MAX = 256 * 1024;

/** Copies of one request for backends whose answers nobody reads. A copy never slows the request down, and may be lost. */
export class Mirrors {
  readonly #copies: MirroredRequest[];

  private constructor(copies: MirroredRequest[]) {
    this.#copies = copies;
  }

  /** @returns null when nothing is to be copied. */
  static start(plan: ForwardPlan, admitted: Admitted, deps: EdgeDeps): Mirrors | null {
    if (plan.mirrors.length === 0) return null;
    const { id } = admitted.exchange.route.tunnel;
    const copies: MirroredRequest[] = [];
    for (const mirror of plan.mirrors) {
      if (deps.random() >= mirror.share || !deps.copies.hasRoom(id)) continue;
      copies.push(new MirroredRequest(mirror, admitted, deps));
    }
    return new Mirrors(copies);
  }

  write(chunk: Uint8Array): void {
    for (const copy of this.#copies) copy.write(chunk);
  }

  end(): void {
    for (const copy of this.#copies) copy.end();
  }

  /** The request is over. Copies whose body is whole live on. */
  close(): void {
    for (const copy of this.#copies) copy.close();
  }
}

class MirroredRequest implements Copy {
  wholeAtMs: number | null = null;
  readonly #copies: EdgeDeps["copies"];
  readonly #tunnelId: TunnelId;
  readonly #attempt: BackendExchange;
  readonly #abort = new AbortController();
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #isReady = false;
  #isOver = false;

  constructor(
    { backend, protocol, request }: PlannedMirror,
    { exchange }: Admitted,
    { agent, sessions, copies }: EdgeDeps,
  ) {
    this.#copies = copies;
    this.#tunnelId = exchange.route.tunnel.id;
    if (!request.hasBody) this.wholeAtMs = copies.now();
    const wish = {
      route: exchange.route,
      backend: backendKeyOf(backend),
      connectionId: exchange.id,
      clientAddress: exchange.clientAddress,
      signal: this.#abort.signal,
    };
    const events: BackendEvents & { onWay(way: Dialed): void } = {
      onWay: () => undefined,
      onReady: () => queueMicrotask(() => this.#onReady()),
      onInform: () => undefined,
      onAnswer: ({ body }) => void body.on("close", () => this.#end()).resume(),
      onFailure: () => this.#end(),
    };
    this.#attempt =
      protocol === "h2c"
        ? startHttp2({ sessions, name: agent.nameOf(wish), wish, request, events })
        : startHttp1({ agent, wish, request, events });
    copies.add(this.#tunnelId, this);
  }

  write(chunk: Uint8Array): void {
    if (this.#isOver) return;
    if (this.#isReady && this.#attempt.body.writableLength < WAITING_BYTES_MAX) {
      this.#attempt.body.write(chunk);
      return;
    }
    this.#waitingBytes += chunk.byteLength;
    if (this.#isReady || this.#waitingBytes > WAITING_BYTES_MAX) return this.giveUp();
    this.#waiting.push(chunk);
  }

  end(): void {
    this.wholeAtMs = this.#copies.now();
    if (this.#isReady && !this.#isOver) this.#attempt.finish([]);
  }

  close(): void {
    if (this.wholeAtMs === null) this.giveUp();
  }

  #onReady(): void {
    if (this.#isOver) return;
    this.#isReady = true;
    for (const chunk of this.#waiting) this.#attempt.body.write(chunk);
    this.#waiting = [];
    if (this.wholeAtMs !== null) this.#attempt.finish([]);
  }

  giveUp(): void {
    if (this.#isOver) return;
    this.#end();
    this.#abort.abort();
    this.#attempt.cancel();
  }

  #end(): void {
    this.#isOver = true;
    this.#waiting = [];
    this.#copies.delete(this.#tunnelId, this);
  }
}
