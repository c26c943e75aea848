import { createConnection, createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { once } from "node:events";
import { join } from "node:path";
import { io, type Socket } from "socket.io-client";
import {
  LIVE_EVENTS,
  LIVE_NAMESPACE,
  type LiveClientToServer,
  type LiveServerToClient,
  type SubscribeAck,
} from "#protocol/live/events.ts";
import { withDeadline } from "#server/lib/deadline.ts";

const DEADLINE_MS = 5_000;

type EventName = keyof typeof LIVE_EVENTS;

/** Makes the web process's socket reachable by a port, as the front door does. @returns its URL and how to close it. */
export async function openPort(
  runDir: string,
): Promise<{ url: string; close: () => Promise<void> }> {
  const server = createServer((outside) => {
    const inside = createConnection(join(runDir, "web.sock"));
    for (const end of [outside, inside]) end.on("error", () => undefined);
    outside.on("close", () => inside.destroy());
    inside.on("close", () => outside.destroy());
    outside.pipe(inside).pipe(outside);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: async () => {
      const closed = once(server, "close");
      server.close();
      await closed;
    },
  };
}

export interface LiveClientOptions {
  readonly auth?: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly transport?: "websocket" | "polling";
}

/** A listener of live updates that keeps everything it hears, checked against the contract. */
export class LiveClient {
  readonly socket: Socket<LiveServerToClient, LiveClientToServer>;
  readonly heard: { readonly event: EventName; readonly payload: unknown }[] = [];
  #look: () => void = () => undefined;

  constructor(
    url: string,
    { auth = {}, headers = {}, transport = "websocket" }: LiveClientOptions = {},
  ) {
    this.socket = io(`${url}${LIVE_NAMESPACE}`, {
      auth,
      extraHeaders: headers,
      transports: [transport],
      forceNew: true,
      reconnection: false,
    });
    this.socket.onAny((event: EventName, payload: unknown) => {
      this.heard.push({ event, payload: LIVE_EVENTS[event].parse(payload) });
      this.#look();
    });
  }

  /** Resolves once connected. @throws with the refusal's text. */
  async connected(): Promise<this> {
    if (this.socket.connected) return this;
    await new Promise<void>((resolve, reject) => {
      this.socket.once("connect", resolve);
      this.socket.once("connect_error", reject);
    });
    return this;
  }

  /** Resolves when the server put it out. */
  async disconnected(): Promise<void> {
    if (!this.socket.connected) return;
    await new Promise<void>((resolve) => this.socket.once("disconnect", () => resolve()));
  }

  async subscribe(...rooms: string[]): Promise<SubscribeAck> {
    return await withDeadline(
      new Promise<SubscribeAck>((resolve) => this.socket.emit("subscribe", { rooms }, resolve)),
      DEADLINE_MS,
      "subscribing",
    );
  }

  /** The first payload of an event that fits, heard already or to come. */
  async next(event: EventName, fits: (text: string) => boolean = () => true): Promise<string> {
    const found = Promise.withResolvers<string>();
    this.#look = () => {
      for (const item of this.heard) {
        const text = JSON.stringify(item.payload);
        if (item.event === event && fits(text)) found.resolve(text);
      }
    };
    this.#look();
    const timer = setTimeout(
      () => found.reject(new Error(`no fitting ${event} came`)),
      DEADLINE_MS,
    );
    try {
      return await found.promise;
    } finally {
      clearTimeout(timer);
    }
  }

  count(event: EventName): number {
    return this.heard.filter((item) => item.event === event).length;
  }

  close(): void {
    this.socket.disconnect();
  }
}
