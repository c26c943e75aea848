import type { Socket } from "socket.io-client";
import type { z } from "zod";
import {
  LIVE_EVENTS,
  LIVE_NAMESPACE,
  type LiveClientToServer,
  type LiveRoom,
  type LiveServerToClient,
} from "#protocol/live/events.ts";
import { liveStatus } from "./live-status.ts";
import { metricStore } from "./metric-store.ts";

export type LiveEventName = keyof typeof LIVE_EVENTS;
export type LivePayload<E extends LiveEventName> = z.output<(typeof LIVE_EVENTS)[E]>;
type Handler = (payload: unknown) => void;
type LiveConnection = Socket<LiveServerToClient, LiveClientToServer>;

const EVENT_NAMES = Object.keys(LIVE_EVENTS) as LiveEventName[];
/** A room left and entered again within this time, by navigation for instance, is never left. */
const LEAVE_AFTER_MS = 2_000;

/**
 * The page's one live link: rooms are counted, events are parsed once and handed out.
 *
 * Fails open: what cannot be parsed is dropped, and the page goes on with what it has.
 */
export class LiveSocket {
  #socket: LiveConnection | null = null;
  readonly #rooms = new Map<LiveRoom, number>();
  readonly #handlers = new Map<LiveEventName, Set<Handler>>();
  readonly #subscribed = new Set<() => void>();

  /** Gives it the connection, once; rooms and handlers may be there before. */
  attach(socket: LiveConnection): void {
    this.#socket = socket;
    socket.on("connect", () => this.#onConnect());
    socket.on("disconnect", () => liveStatus.lost());
    socket.on("connect_error", () => liveStatus.lost());
    for (const name of EVENT_NAMES) this.#listen(socket, name);
  }

  #listen(socket: LiveConnection, name: LiveEventName): void {
    const receive = (payload: unknown): void => {
      const parsed = LIVE_EVENTS[name].safeParse(payload);
      if (!parsed.success) return;
      for (const handler of [...(this.#handlers.get(name) ?? [])]) handler(parsed.data);
    };
    // Socket.IO types each event by its payload; ours are checked here, on arrival.
    (socket as unknown as { on(event: string, listener: Handler): void }).on(name, receive);
  }

  #onConnect(): void {
    const rooms = [...this.#rooms.keys()];
    liveStatus.connected();
    if (rooms.length === 0) return;
    this.#socket?.emit("subscribe", { rooms }, () => {
      for (const listener of [...this.#subscribed]) listener();
    });
  }

  /** Enters a room until the returned function is called. Rooms are counted. */
  enter(room: LiveRoom): () => void {
    const count = this.#rooms.get(room) ?? 0;
    this.#rooms.set(room, count + 1);
    if (count === 0 && this.#socket?.connected === true) {
      this.#socket.emit("subscribe", { rooms: [room] }, () => undefined);
    }
    let isLeft = false;
    return () => {
      if (isLeft) return;
      isLeft = true;
      setTimeout(() => this.#leave(room), LEAVE_AFTER_MS);
    };
  }

  #leave(room: LiveRoom): void {
    const count = (this.#rooms.get(room) ?? 1) - 1;
    if (count > 0) {
      this.#rooms.set(room, count);
      return;
    }
    this.#rooms.delete(room);
    if (this.#socket?.connected === true) {
      this.#socket.emit("unsubscribe", { rooms: [room] }, () => undefined);
    }
  }

  /** Calls back with every parsed payload of one event. */
  on<E extends LiveEventName>(name: E, handler: (payload: LivePayload<E>) => void): () => void {
    const handlers = this.#handlers.get(name) ?? new Set<Handler>();
    this.#handlers.set(name, handlers);
    // Only payloads parsed with this event's schema reach this set.
    const stored = handler as Handler;
    handlers.add(stored);
    return () => handlers.delete(stored);
  }

  /**
   * Calls back when events begin to arrive, at first and after each outage: what was fetched before that may have
   * changed unheard. Refetch, nothing is replayed.
   */
  onSubscribed(listener: () => void): () => void {
    this.#subscribed.add(listener);
    return () => this.#subscribed.delete(listener);
  }
}

let instance: LiveSocket | undefined;

/** Socket.IO's client comes after the page is on show: nothing that is seen first needs it. */
async function connect(live: LiveSocket): Promise<void> {
  try {
    const { io } = await import("socket.io-client");
    live.attach(io(LIVE_NAMESPACE, { transports: ["websocket", "polling"] }));
  } catch {
    // The code could not be loaded: the page says that it is not live, and goes on.
    liveStatus.lost();
  }
}

/** The page's live link, opened on first use; browser only. */
export function getLiveSocket(): LiveSocket {
  if (instance === undefined) {
    instance = new LiveSocket();
    instance.on("metrics", (points) => metricStore.push(points));
    void connect(instance);
  }
  return instance;
}
