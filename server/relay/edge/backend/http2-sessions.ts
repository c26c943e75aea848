import { type ClientHttp2Session, connect } from "node:http2";
import { HEADER_BYTES_MAX } from "../edge-port-user.ts";
import { type BackendDialer, DialError, type Dialed, type DialWish } from "./dial-backend.ts";

/** Streams of one session to a backend, unless it allows fewer. A choice, and the usual default of servers. */
const STREAMS_MAX = 100;
/** A session without a stream is closed after this, milliseconds. */
const IDLE_MS = 60_000;
/** What a backend may send ahead of its reader: a stream, and a session; bytes. */
const STREAM_WINDOW_BYTES = 256 * 1024;
const SESSION_WINDOW_BYTES = 4 * 1024 * 1024;

/** A session, and the way its connection took. */
export interface Http2Way {
  readonly session: ClientHttp2Session;
  readonly dialed: Dialed;
}

interface Held extends Http2Way {
  streams: number;
  idleSinceMs: number;
  /** The backend said goodbye, or the session broke: nothing new. */
  isLeaving: boolean;
}

/** HTTP/2 sessions to backends, shared by requests. One for all tunnels. */
export class Http2Sessions {
  readonly #dialer: BackendDialer;
  readonly #now: () => number;
  readonly #held = new Map<string, Set<Held>>();
  readonly #dials = new Map<string, Promise<Held>>();

  /** @param now a clock that never jumps, milliseconds. */
  constructor(dialer: BackendDialer, now: () => number) {
    this.#dialer = dialer;
    this.#now = now;
  }

  /**
   * Lends a session with room for one more stream.
   *
   * @param name tells backends apart.
   * @returns the session, and what gives it back. The latter is idempotent.
   * @throws DialError
   */
  async lend(name: string, wish: DialWish): Promise<Http2Way & { readonly giveBack: () => void }> {
    for (;;) {
      const held = this.#findRoom(name) ?? (await this.#dial(name, wish));
      if (wish.signal.aborted) throw new DialError("backend_failed", null);
      // Others may have waited for the same dial and been quicker.
      if (!hasRoom(held)) continue;
      held.streams += 1;
      let isLent = true;
      const giveBack = (): void => {
        if (!isLent) return;
        isLent = false;
        held.streams -= 1;
        held.idleSinceMs = this.#now();
        if (isLeaving(held) && held.streams === 0) held.session.close();
      };
      return { session: held.session, dialed: held.dialed, giveBack };
    }
  }

  /** Closes what was idle for too long, or keeps an agent from going. */
  sweep(): void {
    const staleBefore = this.#now() - IDLE_MS;
    for (const held of this.#all()) {
      if (held.streams > 0) continue;
      if (held.idleSinceMs < staleBefore || isLeaving(held)) held.session.close();
    }
  }

  /** Drops everything. */
  close(): void {
    for (const { session } of [...this.#all()]) session.destroy();
  }

  *#all(): Generator<Held> {
    for (const all of this.#held.values()) yield* all;
  }

  #findRoom(name: string): Held | null {
    for (const held of this.#held.get(name) ?? []) if (hasRoom(held)) return held;
    return null;
  }

  /** One dial at a time for one backend: a burst shares its session. */
  #dial(name: string, wish: DialWish): Promise<Held> {
    const running = this.#dials.get(name);
    if (running !== undefined) return running;
    // Whoever else waits for it must not lose it with the request that happened to come first.
    const signal = new AbortController().signal;
    const { route, backend, connectionId, clientAddress } = wish;
    const dial = this.#dialer
      .dial({ route, backend, connectionId, clientAddress, signal })
      .then((dialed) => this.#hold(name, dialed))
      .finally(() => this.#dials.delete(name));
    this.#dials.set(name, dial);
    return dial;
  }

  #hold(name: string, dialed: Dialed): Held {
    const session = connect("http://backend", {
      createConnection: () => dialed.duplex,
      settings: {
        enablePush: false,
        initialWindowSize: STREAM_WINDOW_BYTES,
        maxHeaderListSize: HEADER_BYTES_MAX,
      },
    });
    const held = { session, dialed, streams: 0, idleSinceMs: this.#now(), isLeaving: false };
    const all = this.#held.get(name) ?? new Set();
    this.#held.set(name, all.add(held));
    session.once("connect", () => session.setLocalWindowSize(SESSION_WINDOW_BYTES));
    session.on("error", () => {
      // Its streams break with it, and are heard; it closes next.
    });
    session.on("goaway", () => {
      held.isLeaving = true;
    });
    session.on("close", () => {
      held.isLeaving = true;
      all.delete(held);
      if (all.size === 0 && this.#held.get(name) === all) this.#held.delete(name);
    });
    return held;
  }
}

function isLeaving(held: Held): boolean {
  return held.isLeaving || held.dialed.isLeaving();
}

function hasRoom(held: Held): boolean {
  const { session, streams } = held;
  if (isLeaving(held) || session.closed || session.destroyed) return false;
  const allowed = session.remoteSettings.maxConcurrentStreams ?? STREAMS_MAX;
  return streams < Math.min(allowed, STREAMS_MAX);
}
