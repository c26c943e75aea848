import type { AgentId, ClusterId } from "#protocol/api/ids.ts";
import { CLOSE_CODES, type CloseCodeName } from "#protocol/control/close-codes.ts";
import { decodeControl, encodeControl } from "#protocol/control/codec.ts";
import type { ClusterResources } from "#protocol/control/cluster-resources.ts";
import type { InventoryChange } from "#protocol/control/inventory-change.ts";
import type { Inventory } from "#protocol/control/inventory.ts";
import { CAPABILITIES, CONTROL_LIMITS, PROTOCOL_VERSION } from "#protocol/control/limits.ts";
import type { ControlMessage, ControlPayload, ControlType } from "#protocol/control/messages.ts";
import { toAppError } from "#protocol/errors.ts";
import type { DesiredToken } from "#protocol/relay/desired-state.ts";
import type { LinkState } from "#protocol/relay/events.ts";
import type { MuxStreamPort } from "#mux/stream/mux-stream-port.ts";
import type { Clock } from "#server/lib/clock.ts";
import { advance } from "#server/lib/state-machine.ts";
import { deriveAgentId } from "./agent-id.ts";
import type { AgentSocket, LinkSession } from "./agent-socket.ts";
import type { HubSettings } from "./hub-settings.ts";
import { LinkInventory } from "./link-inventory.ts";
import type { SessionFailure } from "./open-socket.ts";
import { LINK_TRANSITIONS, type LinkPhase, type LinkPhaseEvent } from "./link-states.ts";

/** Lines of an agent's log that are passed on between two looks at the clock. */
const AGENT_LOG_LINES_MAX = 20;

/** An agent reports the cluster about once a minute; what comes sooner than this is not passed on. */
const RESOURCES_INTERVAL_MIN_MS = 5_000;

/** A stream that was opened this long ago, and not a byte since: the link may be dead. Far above any honest round trip. */
const UNANSWERED_AFTER_MS = 1_000;

/** Why a link ended, for the log and the dashboard. */
export interface LinkEnd {
  readonly code: number;
  readonly reason: string;
}

/** What a link tells its hub. Called synchronously. */
export interface AgentLinkOwner {
  clusterName(clusterId: ClusterId): string;
  /** @returns the close code with which the link must be refused, null when it is welcome. */
  onRegister(link: AgentLink): CloseCodeName | null;
  onReady(link: AgentLink): void;
  onInventory(link: AgentLink, inventory: Inventory): void;
  onInventoryChange(link: AgentLink, change: InventoryChange): void;
  onClusterResources(link: AgentLink, resources: ClusterResources): void;
  /** It drains. */
  onChanged(link: AgentLink): void;
  onAgentLog(link: AgentLink, line: ControlPayload<"log">): void;
  onClosed(link: AgentLink, end: LinkEnd): void;
}

export interface AgentLinkOptions {
  readonly linkId: string;
  readonly address: string;
  readonly token: DesiredToken;
  readonly settings: HubSettings;
  readonly clock: Clock;
  readonly owner: AgentLinkOwner;
  /** Starts the mux session over the socket, once the agent is registered. */
  readonly startSession: (
    socket: AgentSocket,
    onFailure: (failure: SessionFailure, message: string) => void,
  ) => LinkSession;
}

interface Registration extends ControlPayload<"register"> {
  readonly id: AgentId;
  readonly since: number;
}

/**
 * One agent's WebSocket with its mux session: the handshake, the control messages, the streams.
 *
 * Order: `attach` once; afterwards the socket's text and close are passed to `receiveText` and `receiveClose`.
 */
export class AgentLink {
  readonly #options: AgentLinkOptions;
  readonly #acceptedAtMs: number;
  #phase: LinkPhase = "greeting";
  #socket: AgentSocket | null = null;
  #session: LinkSession | null = null;
  #capabilities: readonly string[] = [];
  #registration: Registration | null = null;
  readonly #inventory = new LinkInventory();
  #agentLogLines = 0;
  #resourcesAtMs = Number.NEGATIVE_INFINITY;
  /** When the first stream was opened after the agent was last heard. */
  #askedAtMs = Number.NEGATIVE_INFINITY;

  constructor(options: AgentLinkOptions) {
    this.#options = options;
    this.#acceptedAtMs = options.clock.monotonicMs();
  }

  get linkId(): string {
    return this.#options.linkId;
  }
  get clusterId(): ClusterId {
    return this.#options.token.clusterId;
  }
  get tokenId(): string {
    return this.#options.token.tokenId;
  }
  get address(): string {
    return this.#options.address;
  }
  get phase(): LinkPhase {
    return this.#phase;
  }
  /** @throws Error before the agent has registered (our bug). */
  get agentId(): AgentId {
    return this.#registered().id;
  }
  get agentName(): string {
    return this.#registered().agentId;
  }
  get isLeaving(): boolean {
    return this.#phase !== "ready";
  }
  get instanceId(): string {
    return this.#registered().instanceId;
  }
  get isRegistered(): boolean {
    return this.#registration !== null;
  }
  get inventory(): Inventory | null {
    return this.#inventory.current;
  }
  get streamCount(): number {
    return this.#session?.streamCount ?? 0;
  }

  get wantsPublished(): boolean {
    return this.isRegistered && this.#capabilities.includes("published");
  }

  /** Says where the listeners of the agent's cluster are published. */
  sendPublished(published: ControlPayload<"published">): void {
    this.#send("published", published);
  }

  /** Plugs the accepted socket in and says hello. */
  attach(socket: AgentSocket): void {
    this.#socket = socket;
    const { settings } = this.#options;
    this.#send("gateway_hello", {
      protocolVersion: PROTOCOL_VERSION,
      useYamux: true,
      yamux: {
        windowBytes: settings.windowBytes,
        keepAliveIntervalMs: settings.keepAliveIntervalMs,
      },
      capabilities: [...CAPABILITIES],
      relayId: settings.relayId,
      relayIds: [...settings.relayIds],
      heartbeatIntervalMs: settings.heartbeatIntervalMs,
      serverVersion: settings.serverVersion,
    });
  }

  /** True while a new stream can be opened at once. */
  canOpen(): boolean {
    return this.#phase === "ready" && this.#session?.canOpen === true;
  }

  /** True when the agent's inventory names the listener. */
  serves(keyText: string): boolean {
    return this.#phase === "ready" && this.#inventory.serves(keyText);
  }

  /** @throws AppError when the link cannot take a stream now; ask `canOpen` first. */
  openStream(): MuxStreamPort {
    if (this.#session === null) throw new Error("stream opened before the agent registered");
    if (!this.#isOwedAnswer()) this.#askedAtMs = this.#options.clock.monotonicMs();
    return this.#session.openStream();
  }

  /** True while the agent has left the opening of a stream unanswered for suspiciously long; silence itself is closed later. */
  isUnanswered(): boolean {
    const quietMs = this.#options.clock.monotonicMs() - this.#askedAtMs;
    return this.#isOwedAnswer() && quietMs >= UNANSWERED_AFTER_MS;
  }

  receiveText(text: string): void {
    if (this.#phase === "closed") return;
    if (!this.isRegistered && text.length > CONTROL_LIMITS.unregisteredMessageBytes) {
      return this.close("message_too_big");
    }
    let message: ControlMessage | null;
    try {
      message = decodeControl(text, "agent");
    } catch (error) {
      return this.close("bad_message", toAppError(error).message);
    }
    if (message !== null) this.#receive(message);
  }

  /** The socket is closed, by whichever side. */
  receiveClose(end: LinkEnd): void {
    this.#finish(end);
  }

  /** Opens nothing new on this link and tells the agent so. */
  drain(reason: string): void {
    if (this.#phase !== "ready") return;
    this.#send("drain", { reason });
    this.#advance("drain");
    this.#options.owner.onChanged(this);
  }

  /** Ends the link and every stream on it. Idempotent. */
  close(name: CloseCodeName, detail?: string): void {
    if (this.#phase === "closed") return;
    const { code, meaning } = CLOSE_CODES[name];
    const reason = detail === undefined ? meaning : `${meaning} ${detail}`;
    if (detail !== undefined) this.#send("error", { code: name, message: detail.slice(0, 1_024) });
    this.#socket?.close(code, reason);
    this.#finish({ code, reason });
  }

  /** Looks at the clock: closes a handshake that takes too long, and a link that is silent. */
  checkTime(nowMs: number): void {
    const { settings } = this.#options;
    this.#agentLogLines = 0;
    if (this.#phase === "closed" || this.#socket === null) return;
    if (!this.isRegistered) {
      if (nowMs - this.#acceptedAtMs < settings.handshakeTimeoutMs) return;
      return this.close("silent", "The agent did not register in time.");
    }
    const silentMs = nowMs - this.#socket.lastReceivedAt;
    if (silentMs >= 2 * settings.heartbeatIntervalMs) this.close("silent");
  }

  toState(): LinkState {
    const registration = this.#registered();
    const { clock } = this.#options;
    const silentMs = clock.monotonicMs() - (this.#socket?.lastReceivedAt ?? clock.monotonicMs());
    return {
      linkId: this.linkId,
      clusterId: this.clusterId,
      agentId: registration.id,
      agentName: registration.agentId,
      instanceId: registration.instanceId,
      version: registration.version,
      capabilities: [...this.#capabilities],
      tokenId: this.#options.token.tokenId,
      address: this.address,
      since: registration.since,
      startedAt: Date.parse(registration.startedAt),
      draining: this.#phase === "draining",
      rttMs: this.#session?.rttMs ?? null,
      streams: this.streamCount,
      lastSeenAt: Math.round(clock.now() - Math.max(0, silentMs)),
      forceTunnelMode: registration.forceTunnelMode,
      dualModeEnabled: registration.dualModeEnabled,
      pending: this.#inventory.pending,
    };
  }

  #receive(message: ControlMessage): void {
    if (message.type === "error") return this.#receiveError(message.payload);
    switch (this.#phase) {
      case "greeting":
        if (message.type === "gateway_hello_ack") return this.#receiveHelloAck(message.payload);
        break;
      case "acknowledged":
        if (message.type === "register") return this.#receiveRegister(message);
        break;
      case "ready":
      case "draining":
        if (this.#receiveWhenReady(message)) return;
        break;
      case "closed":
        return;
    }
    this.close("bad_message", `${message.type} came at the wrong time.`);
  }

  #receiveHelloAck(ack: ControlPayload<"gateway_hello_ack">): void {
    if (ack.protocolVersion !== PROTOCOL_VERSION || !ack.useYamux) {
      const theirs = ack.useYamux ? `version ${ack.protocolVersion}` : "no yamux";
      return this.close(
        "version_unsupported",
        `This server speaks version ${PROTOCOL_VERSION}, the agent ${theirs}.`,
      );
    }
    const ours: readonly string[] = CAPABILITIES;
    this.#capabilities = ack.capabilities.filter((name) => ours.includes(name));
    if (!this.#capabilities.includes("stream_header_v2")) {
      return this.close("version_unsupported", "The agent does not speak stream_header_v2.");
    }
    this.#advance("ack");
  }

  #receiveRegister(message: Extract<ControlMessage, { type: "register" }>): void {
    const { owner, clock, startSession } = this.#options;
    const id = deriveAgentId(this.clusterId, message.payload.agentId);
    this.#registration = { ...message.payload, id, since: clock.now() };
    const refusal = owner.onRegister(this);
    if (refusal !== null) {
      this.#registration = null;
      return this.close(refusal);
    }
    const socket = this.#socket;
    if (socket === null) throw new Error("register came before the socket");
    this.#advance("register");
    socket.maxTextBytes = CONTROL_LIMITS.messageBytes;
    this.#session = startSession(socket, (failure, message) => this.close(failure, message));
    const clusterName = owner.clusterName(this.clusterId);
    const payload = { clusterId: this.clusterId, clusterName, agentId: id };
    this.#send("register_success", payload, message.requestId);
    owner.onReady(this);
  }

  /** @returns false when this message may not come now. */
  #receiveWhenReady(message: ControlMessage): boolean {
    switch (message.type) {
      case "heartbeat":
        this.#send("heartbeat_ack", {}, message.requestId);
        return true;
      case "inventory":
        this.#receiveInventory(message.payload, message.requestId);
        return true;
      case "inventory_change":
        this.#receiveInventoryChange(message.payload, message.requestId);
        return true;
      case "inventory_pending":
        // Told on when the hub next looks at the clock.
        this.#inventory.wait(message.payload);
        return true;
      case "cluster_resources":
        this.#receiveClusterResources(message.payload);
        return true;
      case "drain":
        if (this.#phase === "ready") {
          this.#advance("drain");
          this.#options.owner.onChanged(this);
        }
        return true;
      case "log":
        this.#agentLogLines += 1;
        if (this.#agentLogLines <= AGENT_LOG_LINES_MAX) {
          this.#options.owner.onAgentLog(this, message.payload);
        }
        return true;
      default:
        return false;
    }
  }

  #receiveInventory(inventory: Inventory, requestId: string | null): void {
    const isNews = this.#inventory.replace(inventory);
    if (isNews) this.#options.owner.onInventory(this, inventory);
    this.#send("inventory_ack", { generation: inventory.generation }, requestId);
  }

  #receiveInventoryChange(change: InventoryChange, requestId: string | null): void {
    const refusal = this.#inventory.apply(change);
    if (refusal !== null) return this.close("bad_message", refusal);
    this.#options.owner.onInventoryChange(this, change);
    this.#send("inventory_ack", { generation: change.generation }, requestId);
  }

  #receiveClusterResources(resources: ClusterResources): void {
    const nowMs = this.#options.clock.monotonicMs();
    if (nowMs - this.#resourcesAtMs < RESOURCES_INTERVAL_MIN_MS) return;
    this.#resourcesAtMs = nowMs;
    this.#options.owner.onClusterResources(this, resources);
  }

  #receiveError(error: ControlPayload<"error">): void {
    if (!this.isRegistered) return this.close("bad_message", `The agent says: ${error.message}`);
    const message = `${error.code}: ${error.message}`.slice(0, 1_024);
    this.#options.owner.onAgentLog(this, { level: "warn", message });
  }

  #send<T extends ControlType>(
    type: T,
    payload: ControlPayload<T>,
    requestId?: string | null,
  ): void {
    const now = new Date(this.#options.clock.now());
    this.#socket?.sendText(encodeControl(type, payload, { now, requestId: requestId ?? null }));
  }

  #isOwedAnswer(): boolean {
    return this.#socket !== null && this.#askedAtMs > this.#socket.lastReceivedAt;
  }

  #registered(): Registration {
    if (this.#registration === null) throw new Error("the agent has not registered yet");
    return this.#registration;
  }

  #finish(end: LinkEnd): void {
    if (this.#phase === "closed") return;
    this.#advance("close");
    this.#session?.close(end.reason);
    this.#options.owner.onClosed(this, end);
  }

  #advance(event: LinkPhaseEvent): void {
    this.#phase = advance(LINK_TRANSITIONS, this.#phase, event);
  }
}
