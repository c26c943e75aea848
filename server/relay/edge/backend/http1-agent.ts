import { Agent, type AgentOptions, type ClientRequest, type ClientRequestArgs } from "node:http";
import type { Duplex } from "node:stream";
import { StreamDuplex } from "#mux/stream/stream-duplex.ts";
import type { BackendDialer, Dialed, DialWish } from "./dial-backend.ts";

/** Idle connections to one backend that are kept. A choice: what a burst needs, and no more. */
const IDLE_MAX = 256;
/**
 * Idle time after which a kept connection is used no more, milliseconds. Below the five seconds after which Node's own
 * servers hang up, the shortest default in wide use: a request must not meet a service that is just about to.
 */
const IDLE_MS = 4_000;

/** What `http.request` is given beside its own options. */
export interface BackendRequestArgs extends ClientRequestArgs {
  readonly wish: DialWish;
}

/** Keeps connections to backends for the next request, and dials where there is none. One for all tunnels. */
export class Http1Agent extends Agent {
  readonly #dialer: BackendDialer;
  readonly #now: () => number;
  readonly #ways = new WeakMap<Duplex, Dialed>();
  readonly #idleSince = new WeakMap<Duplex, number>();

  /** @param now a clock that never jumps, milliseconds. */
  constructor(dialer: BackendDialer, now: () => number) {
    const options: AgentOptions = { keepAlive: true, maxFreeSockets: IDLE_MAX, scheduling: "lifo" };
    super(options);
    this.#dialer = dialer;
    this.#now = now;
  }

  /** The way a connection took; null when it is none of ours. */
  wayOf(socket: Duplex): Dialed | null {
    return this.#ways.get(socket) ?? null;
  }

  /** Tells backends apart. */
  nameOf({ route, backend }: DialWish): string {
    const { id } = route.tunnel;
    return backend === null ? id : `${id} ${backend.namespace}/${backend.name}:${backend.port}`;
  }

  override getName(options?: ClientRequestArgs): string {
    return this.nameOf(wishOf(options));
  }

  override createConnection(
    options: ClientRequestArgs,
    callback?: (error: Error | null, socket: Duplex) => void,
  ): null {
    void this.#dialer.dial(wishOf(options)).then(
      (dialed) => {
        this.#ways.set(dialed.duplex, dialed);
        callback?.(null, dialed.duplex);
      },
      // Node hands the error to the request, and takes no socket then.
      (error: unknown) => callback?.(error as Error, undefined as unknown as Duplex),
    );
    return null;
  }

  /** Node's own guard against services that speak unasked sits on a socket's handle, and a stream has none. */
  override keepSocketAlive(socket: Duplex): boolean {
    this.#idleSince.set(socket, this.#now());
    setIdle(socket, true);
    return socket.readableLength === 0 && !this.#isLeaving(socket);
  }

  override reuseSocket(socket: Duplex, request: ClientRequest): void {
    setIdle(socket, false);
    super.reuseSocket(socket, request);
  }

  /** Closes what was idle for too long, or keeps an agent from going. */
  sweep(): void {
    const staleBefore = this.#now() - IDLE_MS;
    for (const sockets of Object.values(this.freeSockets)) {
      for (const socket of [...(sockets ?? [])]) {
        const isStale = (this.#idleSince.get(socket) ?? 0) < staleBefore;
        if (isStale || this.#isLeaving(socket)) socket.destroy();
      }
    }
  }

  #isLeaving(socket: Duplex): boolean {
    return this.#ways.get(socket)?.isLeaving() === true;
  }
}

function setIdle(socket: Duplex, isIdle: boolean): void {
  if (socket instanceof StreamDuplex) socket.isIdle = isIdle;
}

function wishOf(options: ClientRequestArgs | undefined): DialWish {
  return (options as BackendRequestArgs).wish;
}
