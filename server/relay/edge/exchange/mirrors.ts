import type { BackendEvents, BackendExchange } from "../backend/backend-side.ts";
import type { Dialed } from "../backend/dial-backend.ts";
import { startHttp1 } from "../backend/http1-backend.ts";
import { startHttp2 } from "../backend/http2-backend.ts";
import type { Mirror } from "../filters/plan-request.ts";
import type { Admitted } from "./admit-request.ts";
import type { EdgeDeps } from "./edge-deps.ts";
import { backendKeyOf, type ForwardPlan } from "./plan-attempt.ts";

/** Of a body, what waits for a mirror that is slower than the service itself; past it the copy is given up. A choice. */
const WAITING_BYTES_MAX = 256 * 1024;

/** Copies of one request for backends whose answers nobody reads. A copy never slows the request down, and may be lost. */
export class Mirrors {
  readonly #copies: Copy[];

  private constructor(copies: Copy[]) {
    this.#copies = copies;
  }

  /** @returns null when nothing is to be copied. */
  static start(plan: ForwardPlan, admitted: Admitted, deps: EdgeDeps): Mirrors | null {
    const due = plan.mirrors.filter(({ share }) => deps.random() < share);
    if (due.length === 0) return null;
    return new Mirrors(due.map((mirror) => new Copy(mirror, plan, admitted, deps)));
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

class Copy {
  readonly #attempt: BackendExchange;
  readonly #abort = new AbortController();
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #isReady = false;
  #isWhole: boolean;
  #isOver = false;

  constructor(
    { backend }: Mirror,
    plan: ForwardPlan,
    { exchange }: Admitted,
    { agent, sessions }: EdgeDeps,
  ) {
    const { request } = plan;
    this.#isWhole = !request.hasBody;
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
      onAnswer: ({ body }) => void body.resume(),
      onFailure: () => {
        this.#isOver = true;
      },
    };
    this.#attempt =
      backend.protocol === "h2c" || plan.protocol === "h2c"
        ? startHttp2({ sessions, name: agent.nameOf(wish), wish, request, events })
        : startHttp1({ agent, wish, request, events });
  }

  write(chunk: Uint8Array): void {
    if (this.#isOver) return;
    if (this.#isReady && this.#attempt.body.writableLength < WAITING_BYTES_MAX) {
      this.#attempt.body.write(chunk);
      return;
    }
    this.#waitingBytes += chunk.byteLength;
    if (this.#isReady || this.#waitingBytes > WAITING_BYTES_MAX) return this.#giveUp();
    this.#waiting.push(chunk);
  }

  end(): void {
    this.#isWhole = true;
    if (this.#isReady && !this.#isOver) this.#attempt.finish([]);
  }

  close(): void {
    if (!this.#isWhole) this.#giveUp();
  }

  #onReady(): void {
    if (this.#isOver) return;
    this.#isReady = true;
    for (const chunk of this.#waiting) this.#attempt.body.write(chunk);
    this.#waiting = [];
    if (this.#isWhole) this.#attempt.finish([]);
  }

  #giveUp(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#waiting = [];
    this.#abort.abort();
    this.#attempt.cancel();
  }
}
