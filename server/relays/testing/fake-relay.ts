import { once } from "node:events";
import WebSocket from "ws";
import { RelayId } from "#protocol/api/ids.ts";
import {
  RELAY_CHANNEL_PATH,
  ToRelay,
  type FromRelay,
  type RelaySnapshot,
} from "#protocol/relay/channel.ts";
import type { RelayEvent } from "#protocol/relay/events.ts";

const DEADLINE_MS = 5_000;

export const EMPTY_SNAPSHOT: RelaySnapshot = {
  links: [],
  inventories: [],
  connections: [],
  closedMeanwhile: [],
  counters: [],
  listeners: [],
  direct: [],
  refusals: [],
};

export interface FakeRelayOptions {
  readonly controlSocket: string;
  readonly secret: string;
  readonly relayId?: string;
  readonly instanceId?: string;
}

/** A relay process's end of the channel: says what it is told to, and keeps what it hears. */
export class FakeRelay {
  readonly received: ToRelay[] = [];
  readonly #socket: WebSocket;
  #onMessage: () => void = () => undefined;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on("error", () => undefined);
    socket.on("message", (data: Buffer) => {
      this.received.push(ToRelay.parse(JSON.parse(data.toString("utf8"))));
      this.#onMessage();
    });
  }

  /** Connects, says hello and sends a snapshot. */
  static async connect(
    options: FakeRelayOptions,
    snapshot: Partial<RelaySnapshot> = {},
  ): Promise<FakeRelay> {
    const relay = new FakeRelay(await openChannel(options));
    relay.send({
      type: "hello",
      relayId: RelayId.parse(options.relayId ?? "rl_1"),
      instanceId: options.instanceId ?? "instance-1",
      pid: 1,
      version: "0.0.0-test",
      startedAt: Date.now(),
    });
    relay.send({ type: "snapshot", snapshot: { ...EMPTY_SNAPSHOT, ...snapshot } });
    await relay.next((message) => message.type === "desired");
    return relay;
  }

  send(message: FromRelay): void {
    this.#socket.send(JSON.stringify(message));
  }

  report(...events: readonly RelayEvent[]): void {
    this.send({ type: "events", events: [...events] });
  }

  /** The first message that fits, heard already or to come. */
  async next<T extends ToRelay>(fits: (message: ToRelay) => message is T): Promise<T>;
  async next(fits: (message: ToRelay) => boolean): Promise<ToRelay>;
  async next(fits: (message: ToRelay) => boolean): Promise<ToRelay> {
    const found = Promise.withResolvers<ToRelay>();
    const look = (): void => {
      const message = this.received.find(fits);
      if (message !== undefined) found.resolve(message);
    };
    this.#onMessage = look;
    look();
    const timer = setTimeout(() => found.reject(new Error("nothing fitting came")), DEADLINE_MS);
    try {
      return await found.promise;
    } finally {
      clearTimeout(timer);
    }
  }

  /** As a relay does that was told to stop. */
  async stop(): Promise<void> {
    this.#socket.close(1001);
    await this.closed();
  }

  async die(): Promise<void> {
    this.#socket.terminate();
    await this.closed();
  }

  async closed(): Promise<number> {
    if (this.#socket.readyState === WebSocket.CLOSED) return 0;
    const [code] = (await once(this.#socket, "close")) as [number];
    return code;
  }
}

/** @throws when the upgrade is refused: the message holds the HTTP status. */
export async function openChannel(
  options: FakeRelayOptions & { readonly path?: string },
): Promise<WebSocket> {
  const path = options.path ?? RELAY_CHANNEL_PATH;
  const socket = new WebSocket(`ws+unix:${options.controlSocket}:${path}`, {
    headers: { authorization: `Bearer ${options.secret}` },
  });
  await once(socket, "open");
  return socket;
}
