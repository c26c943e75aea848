import type { ConnectionId } from "#protocol/api/ids.ts";
import type { HttpBackend } from "#protocol/control/http-routing.ts";
import type { DialWish } from "../backend/dial-backend.ts";
import type { Exchange } from "./exchange.ts";
import { backendKeyOf } from "./plan-attempt.ts";

/** What a request asks the dialer for. Most find a connection that is kept, so that what only dialling needs is made late. */
export class RequestWish implements DialWish {
  readonly route: DialWish["route"];
  readonly backend: DialWish["backend"];
  readonly #exchange: Exchange;
  #abort: AbortController | null = null;

  constructor(exchange: Exchange, backend: HttpBackend | null) {
    this.route = exchange.route;
    this.backend = backend === null ? null : backendKeyOf(backend);
    this.#exchange = exchange;
  }

  get clientAddress(): string {
    return this.#exchange.clientAddress;
  }
  get connectionId(): ConnectionId {
    return this.#exchange.id;
  }
  get signal(): AbortSignal {
    this.#abort ??= new AbortController();
    return this.#abort.signal;
  }

  /** Nobody waits for the connection any more. */
  giveUp(): void {
    this.#abort?.abort();
  }
}
