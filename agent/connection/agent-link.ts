import { CLOSE_CODES, type CloseCodeName } from "#protocol/control/close-codes.ts";
import { decodeControl, encodeControl } from "#protocol/control/codec.ts";
import type { ClusterResources } from "#protocol/control/cluster-resources.ts";
import type { Inventory, InventoryPending } from "#protocol/control/inventory.ts";
import { diffInventory } from "#protocol/control/inventory-change.ts";
import { CONTROL_LIMITS, PROTOCOL_VERSION, type Capability } from "#protocol/control/limits.ts";
import type { ControlMessage, ControlPayload, ControlType } from "#protocol/control/messages.ts";
import { isAppError } from "#protocol/errors.ts";
import { MUX_LIMITS } from "#mux/limits.ts";
import type { MuxClock } from "#mux/session/clock.ts";
import { MuxSession } from "#mux/session/mux-session.ts";
import { step, type TransitionTable } from "#mux/state-machine.ts";
import type { MuxStreamPort } from "#mux/stream/mux-stream-port.ts";
import type {
  WebSocketLink,
  WebSocketLinkClose,
  WebSocketLinkHandler,
} from "#mux/transport/websocket/web-socket-link.ts";
import type { Log } from "../log.ts";
import type { LinkCounters } from "../metrics/agent-counters.ts";

const TOO_LARGE: InventoryPending["problems"] = [
  {
    where: "inventory",
    reason:
      "There is more to report than one message carries: look at fewer namespaces. What was reported last stands.",
  },
];

type LinkState = "dialing" | "greeting" | "registering" | "up" | "over";
type LinkEvent = "connected" | "hello" | "registered" | "ended";

/**
 *   dialing --connected--> greeting --hello--> registering --registered--> up
 *      +-------------------------- ended: from anywhere -------------------+--> over
 */
export const LINK_TRANSITIONS: TransitionTable<LinkState, LinkEvent> = {
  dialing: { connected: "greeting", ended: "over" },
  greeting: { hello: "registering", ended: "over" },
  registering: { registered: "up", ended: "over" },
  up: { ended: "over" },
  over: {},
};

/** How a link ended. */
export type LinkOutcome =
  | {
      readonly kind: "closed";
      readonly by: "agent" | "server";
      readonly code: number;
      readonly reason: string;
    }
  /** The relay that answered has a link of ours already. */
  | { readonly kind: "duplicate" };

/** What every link of this agent says about it. */
export type Registration = ControlPayload<"register">;

export interface AgentLinkEvents {
  /** @returns false when that relay is linked already. */
  onHello(link: AgentLink, relayId: string, relayIds: readonly string[]): boolean;
  onUp(link: AgentLink, cluster: { readonly id: string; readonly name: string }): void;
  /** The server goes away: it opens nothing new here, what is open lives on. */
  onServerDrain(link: AgentLink, reason: string): void;
  onStream(stream: MuxStreamPort): void;
  /** Where the cluster's listeners are published; only for agents that can `published`. */
  onPublished(published: ControlPayload<"published">): void;
  /** Called once, last. */
  onOver(link: AgentLink, outcome: LinkOutcome): void;
}

export interface AgentLinkOptions {
  readonly registration: Registration;
  /** What this agent does of what the protocol has. */
  readonly capabilities: readonly Capability[];
  /** Null until it is complete. */
  readonly inventory: () => Inventory | null;
  /** Why there is none. */
  readonly pending: () => InventoryPending["problems"];
  /** What the cluster consists of; null until somebody counted. */
  readonly resources: () => ClusterResources | null;
  readonly openStreams: () => number;
  readonly memoryBytes: () => number;
  readonly counters: LinkCounters;
  readonly handshakeTimeoutMs: number;
  readonly clock: MuxClock;
  readonly wallClock: () => Date;
  readonly log: Log;
  readonly events: AgentLinkEvents;
}

const HEARTBEAT_MIN_MS = 10;

/** One link to one relay, from the WebSocket to its end: handshake, heartbeats, inventory, mux session. */
export class AgentLink {
  readonly handler: WebSocketLinkHandler = {
    onText: (text) => this.#onText(text),
    onClose: (close) => this.#onSocketClose(close),
  };
  readonly #options: AgentLinkOptions;
  readonly #startedAt: number;
  #state: LinkState = "dialing";
  #socket: WebSocketLink | null = null;
  #session: MuxSession | null = null;
  #relayId: string | null = null;
  #cancelTimer: () => void = () => undefined;
  #serverCan: readonly string[] = [];
  #sentInventory: Inventory | null = null;
  /** The problems last said, as text; empty once there was an inventory. */
  #sentPending = "";
  #sentResources: ClusterResources | null = null;
  #heartbeatIntervalMs = 0;

  constructor(options: AgentLinkOptions) {
    this.#options = options;
    this.#startedAt = options.clock.now();
  }

  get relayId(): string | null {
    return this.#relayId;
  }

  get isUp(): boolean {
    return this.#state === "up";
  }

  get rttMs(): number | null {
    return this.#session?.rttMs ?? null;
  }

  /** Takes the dialled WebSocket and waits for the server's hello. */
  attach(socket: WebSocketLink): void {
    this.#socket = socket;
    if (this.#state === "over") {
      socket.destroy();
      return;
    }
    this.#advance("connected");
    this.#cancelTimer = this.#options.clock.setTimer(this.#options.handshakeTimeoutMs, () =>
      this.#fail("silent", "the handshake took too long"),
    );
  }

  /**
   * Reports the newest inventory, if it is new to this link: all of it once, then what became different. Where there is
   * none to report, says why.
   */
  sendInventory(): void {
    if (this.#state !== "up") return;
    const inventory = this.#options.inventory();
    if (inventory === null) return this.#sendPending(this.#options.pending());
    const sent = this.#sentInventory;
    if (inventory.generation === sent?.generation) return;
    const options = { now: this.#options.wallClock() };
    const form = sent !== null && this.#serverCan.includes("inventory_change") ? "change" : "full";
    const text =
      sent !== null && form === "change"
        ? encodeControl("inventory_change", diffInventory(sent, inventory), options)
        : encodeControl("inventory", inventory, options);
    const bytes = Buffer.byteLength(text);
    if (bytes > CONTROL_LIMITS.messageBytes) {
      if (this.#sentPending !== JSON.stringify(TOO_LARGE)) {
        this.#options.log.error("There is too much to report", { bytes });
      }
      return this.#sendPending(TOO_LARGE);
    }
    this.#sentInventory = inventory;
    this.#sentPending = "";
    this.#socket?.sendText(text);
    this.#options.counters.inventoriesSent.add({ form });
  }

  /** Reports what the cluster consists of, if it was counted since this link heard of it. */
  sendResources(): void {
    if (this.#state !== "up" || !this.#serverCan.includes("cluster_resources")) return;
    const resources = this.#options.resources();
    if (resources === null || resources === this.#sentResources) return;
    this.#sentResources = resources;
    this.#send("cluster_resources", resources);
  }

  /** Asks for nothing new, and lets what is open end. Resolves when it has, or at the deadline. */
  async drain(reason: string, deadlineMs: number): Promise<void> {
    if (this.#state === "up") this.#send("drain", { reason });
    await this.#session?.drain(deadlineMs);
    this.close("going_away", reason);
  }

  /** Idempotent. */
  close(code: CloseCodeName, reason: string): void {
    this.#end({ kind: "closed", by: "agent", code: CLOSE_CODES[code].code, reason });
  }

  #advance(event: LinkEvent): void {
    this.#state = step(LINK_TRANSITIONS, this.#state, event);
  }

  #fail(code: CloseCodeName, reason: string): void {
    this.close(code, reason);
  }

  #end(outcome: LinkOutcome): void {
    if (this.#state === "over") return;
    this.#advance("ended");
    this.#cancelTimer();
    const [code, reason] =
      outcome.kind === "duplicate"
        ? [CLOSE_CODES.duplicate_link.code, "this relay is linked already"]
        : [outcome.code, outcome.reason];
    // First the close frame with its code: ending the session would say it with one of its own.
    if (outcome.kind === "duplicate" || outcome.by === "agent") this.#socket?.close(code, reason);
    this.#session?.close({ code: "closed_locally", message: reason });
    this.#options.events.onOver(this, outcome);
  }

  #onSocketClose({ code, reason }: WebSocketLinkClose): void {
    this.#end({ kind: "closed", by: "server", code, reason });
  }

  #onText(text: string): void {
    if (this.#state === "over") return;
    let message: ControlMessage | null;
    try {
      message = decodeControl(text, "server");
    } catch (error) {
      if (!isAppError(error)) throw error;
      this.#fail("bad_message", error.message);
      return;
    }
    if (message !== null) this.#receive(message);
  }

  #receive(message: ControlMessage): void {
    switch (message.type) {
      case "gateway_hello":
        return this.#receiveHello(message.payload);
      case "register_success":
        return this.#receiveRegistered(message);
      case "published":
        return this.#options.events.onPublished(message.payload);
      case "drain":
        return this.#options.events.onServerDrain(this, message.payload.reason);
      case "inventory_ack":
        this.#options.counters.inventoriesAcknowledged += 1;
        this.#options.log.debug("Inventory accepted", { generation: message.payload.generation });
        return;
      case "error":
        this.#options.log.warn("The server reports an error", message.payload);
        return;
      default:
        // Heartbeat answers count by having arrived; the other types are the agent's own.
        return;
    }
  }

  #receiveHello(hello: ControlPayload<"gateway_hello">): void {
    if (this.#state !== "greeting") return this.#fail("bad_message", "a second hello");
    if (hello.protocolVersion !== PROTOCOL_VERSION || !hello.useYamux) {
      const theirs = `the server speaks version ${hello.protocolVersion}, this agent ${PROTOCOL_VERSION}`;
      return this.#fail("version_unsupported", theirs);
    }
    if (!hello.capabilities.includes("stream_header_v2")) {
      return this.#fail("version_unsupported", "the server speaks no stream header version 2");
    }
    const { relayId, relayIds } = hello;
    if (!this.#options.events.onHello(this, relayId, relayIds))
      return this.#end({ kind: "duplicate" });
    this.#relayId = relayId;
    this.#serverCan = hello.capabilities;
    this.#advance("hello");
    this.#session = this.#createSession(hello);
    this.#heartbeatIntervalMs = Math.max(HEARTBEAT_MIN_MS, hello.heartbeatIntervalMs);
    const { registration } = this.#options;
    const capabilities = [...this.#options.capabilities];
    this.#send("gateway_hello_ack", {
      protocolVersion: PROTOCOL_VERSION,
      useYamux: true,
      capabilities,
    });
    this.#send("register", registration, registration.instanceId);
  }

  #createSession({ yamux }: ControlPayload<"gateway_hello">): MuxSession | null {
    if (this.#socket === null) return null;
    const { initialWindowBytes, maxWindowBytes } = MUX_LIMITS;
    return new MuxSession({
      transport: this.#socket.binary,
      role: "client",
      windowBytes: Math.min(maxWindowBytes, Math.max(initialWindowBytes, yamux.windowBytes)),
      keepAliveIntervalMs: Math.max(1_000, yamux.keepAliveIntervalMs),
      clock: this.#options.clock,
      onStream: (stream) => this.#options.events.onStream(stream),
      onClose: ({ code, message }) => {
        // When the WebSocket went first, its own close says more.
        if (code === "transport_closed") return;
        const name = code === "keep_alive_timeout" ? "silent" : "protocol_error";
        this.#fail(name, `the mux session ended: ${message}`);
      },
    });
  }

  #receiveRegistered(message: Extract<ControlMessage, { type: "register_success" }>): void {
    if (
      this.#state !== "registering" ||
      message.requestId !== this.#options.registration.instanceId
    ) {
      return this.#fail("bad_message", "register_success at the wrong time");
    }
    this.#advance("registered");
    this.#cancelTimer();
    this.#beat(true);
    const { clusterId: id, clusterName: name } = message.payload;
    this.#options.events.onUp(this, { id, name });
    this.sendInventory();
    this.sendResources();
  }

  #sendPending(problems: InventoryPending["problems"]): void {
    const text = JSON.stringify(problems);
    if (text === this.#sentPending) return;
    this.#sentPending = text;
    if (this.#serverCan.includes("inventory_pending"))
      this.#send("inventory_pending", { problems });
  }

  /** Runs twice an interval: every second time it says something, each time it listens for silence. */
  #beat(isSending: boolean): void {
    const { clock } = this.#options;
    const silentMs = clock.now() - (this.#socket?.lastReceivedAt ?? clock.now());
    if (silentMs > 2 * this.#heartbeatIntervalMs) {
      return this.#fail("silent", `nothing came for ${Math.round(silentMs)} ms`);
    }
    if (isSending) {
      this.#send("heartbeat", {
        streams: this.#options.openStreams(),
        uptimeSeconds: Math.max(0, Math.round((clock.now() - this.#startedAt) / 1_000)),
        memoryBytes: this.#options.memoryBytes(),
      });
    }
    this.#cancelTimer = clock.setTimer(this.#heartbeatIntervalMs / 2, () => this.#beat(!isSending));
  }

  #send<T extends ControlType>(type: T, payload: ControlPayload<T>, requestId?: string): void {
    const options = { now: this.#options.wallClock(), requestId: requestId ?? null };
    this.#socket?.sendText(encodeControl(type, payload, options));
  }
}
