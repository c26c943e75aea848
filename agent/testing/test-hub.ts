import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { ClusterId, AgentId, ConnectionId, RelayId, TunnelId } from "#protocol/api/ids.ts";
import { decodeControl, encodeControl } from "#protocol/control/codec.ts";
import type { BackendKey } from "#protocol/control/http-routing.ts";
import type { Inventory, ListenerKey } from "#protocol/control/inventory.ts";
import { applyInventoryChange } from "#protocol/control/inventory-change.ts";
import { AGENT_SOCKET_PATH, CAPABILITIES, PROTOCOL_VERSION } from "#protocol/control/limits.ts";
import type { ControlMessage, ControlPayload, ControlType } from "#protocol/control/messages.ts";
import {
  createStreamReplyReader,
  encodeStreamHeader,
  type StreamReply,
} from "#protocol/control/stream-header.ts";
import { SYSTEM_CLOCK } from "#mux/session/clock.ts";
import { MuxSession } from "#mux/session/mux-session.ts";
import type { MuxStreamEnd, MuxStreamPort } from "#mux/stream/mux-stream-port.ts";
import { acceptWebSocket, refuseUpgrade } from "#mux/transport/websocket/accept.ts";
import type { WebSocketLink } from "#mux/transport/websocket/web-socket-link.ts";

const TEXT_MAX_BYTES = 8 * 1024 * 1024;

export interface TestHubOptions {
  readonly token?: string;
  readonly heartbeatIntervalMs?: number;
  /** The relay that answers the next dial; called once a dial. */
  readonly relayId?: () => string;
  readonly relayIds?: readonly string[];
  readonly protocolVersion?: number;
  /** Default: everything. */
  readonly capabilities?: readonly string[];
  /** Answers the next dial with an HTTP status instead. */
  readonly refuse?: () => {
    status: number;
    headers?: Record<string, string>;
    body?: string;
  } | null;
  /** A server that says nothing after the upgrade. */
  readonly isMute?: boolean;
  /** A server that answers no heartbeat, once registered. */
  readonly isDeaf?: boolean;
}

/** A relay as an agent sees it, small and of our own making: what it says and when is up to the test. */
export class TestHub {
  readonly links: TestLink[] = [];
  /** Requests for the agent's socket, refused ones included. */
  dials = 0;
  readonly #options: TestHubOptions;
  readonly #server: Server;
  #waiters: (() => void)[] = [];

  constructor(options: TestHubOptions = {}) {
    this.#options = options;
    this.#server = createServer((_request, response) => response.writeHead(404).end());
    this.#server.on("upgrade", (request, socket, head) => this.#onUpgrade(request, socket, head));
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async listen(port = 0): Promise<this> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(port, "127.0.0.1", resolve);
    });
    return this;
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const link of this.links) link.socket.destroy();
    this.#server.closeAllConnections();
    await closed;
  }

  /** Resolves when `find` gives something; looked at after every event. */
  async until<T>(
    what: string,
    find: () => T | null | undefined | false,
    timeoutMs = 15_000,
  ): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(new Error(`waited in vain for ${what}`)), timeoutMs);
    });
    try {
      for (;;) {
        const found = find();
        if (found !== null && found !== undefined && found !== false) return found;
        await Promise.race([new Promise<void>((wake) => this.#waiters.push(wake)), late]);
      }
    } finally {
      clearTimeout(timer);
    }
  }

  /** The newest link that is registered and has sent an inventory. */
  untilUp(count = 1): Promise<TestLink> {
    return this.until("a registered link", () => {
      const up = this.links.filter((link) => link.isOpen && link.inventories.length > 0);
      return up.length >= count ? up.at(-1) : null;
    });
  }

  notify(): void {
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const wake of waiters) wake();
  }

  #onUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    this.dials += 1;
    const refusal = this.#findRefusal(request);
    if (refusal !== null) {
      const { status, headers, body } = refusal;
      refuseUpgrade(socket, {
        status,
        body: body ?? "",
        contentType: "text/plain",
        ...(headers === undefined ? {} : { headers }),
      });
    } else {
      this.links.push(new TestLink({ hub: this, request, socket, head, options: this.#options }));
    }
    this.notify();
  }

  #findRefusal(request: IncomingMessage): ReturnType<NonNullable<TestHubOptions["refuse"]>> {
    const asked = this.#options.refuse?.() ?? null;
    if (asked !== null) return asked;
    if (request.url !== AGENT_SOCKET_PATH) return { status: 404 };
    const token = this.#options.token ?? "cvt_test";
    return request.headers.authorization === `Bearer ${token}` ? null : { status: 401 };
  }
}

interface TestLinkParts {
  readonly hub: TestHub;
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Buffer;
  readonly options: TestHubOptions;
}

/** One agent's link as the hub has it. */
export class TestLink {
  readonly socket: WebSocketLink;
  readonly relayId: string;
  readonly messages: ControlMessage[] = [];
  /** As they stand after each report. */
  readonly inventories: Inventory[] = [];
  closed: { readonly code: number; readonly reason: string } | null = null;
  readonly #hub: TestHub;
  readonly #options: TestHubOptions;
  #session: MuxSession | null = null;
  #streams = 0;

  constructor({ hub, request, socket, head, options }: TestLinkParts) {
    this.#hub = hub;
    this.#options = options;
    this.relayId = options.relayId?.() ?? "rl_1";
    this.socket = acceptWebSocket(request, socket, head, {
      maxTextBytes: TEXT_MAX_BYTES,
      closeTimeoutMs: 1_000,
      keepAliveMs: 0,
      handler: {
        onText: (text) => {
          const message = decodeControl(text, "agent");
          if (message !== null) this.#receive(message);
          hub.notify();
        },
        onClose: ({ code, reason }) => {
          this.closed = { code, reason };
          hub.notify();
        },
      },
    });
    if (options.isMute === true) return;
    this.send("gateway_hello", {
      protocolVersion: options.protocolVersion ?? PROTOCOL_VERSION,
      useYamux: true,
      yamux: { windowBytes: 1024 * 1024, keepAliveIntervalMs: 30_000 },
      capabilities: [...(options.capabilities ?? CAPABILITIES)],
      relayId: RelayId.parse(this.relayId),
      relayIds: (options.relayIds ?? [this.relayId]).map((id) => RelayId.parse(id)),
      heartbeatIntervalMs: options.heartbeatIntervalMs ?? 15_000,
      serverVersion: "test",
    });
  }

  get isOpen(): boolean {
    return this.closed === null;
  }

  find<T extends ControlType>(type: T): Extract<ControlMessage, { type: T }> | null {
    const found = this.messages.find((message) => message.type === type);
    return (found as Extract<ControlMessage, { type: T }> | undefined) ?? null;
  }

  send<T extends ControlType>(type: T, payload: ControlPayload<T>, requestId?: string): void {
    this.socket.sendText(
      encodeControl(type, payload, { now: new Date(), requestId: requestId ?? null }),
    );
  }

  /** Opens a stream as the relay does: the header, and the client's first bytes with it. */
  open(
    target: ListenerKey,
    options: { first?: string; connectTimeoutMs?: number; backend?: BackendKey } = {},
  ): TestStream {
    if (this.#session === null) throw new Error("the link has no session yet");
    this.#streams += 1;
    const stream = this.#session.openStream();
    stream.write(
      encodeStreamHeader({
        kind: "tcp",
        target,
        tunnelId: TunnelId.parse("tn_00000001"),
        connectionId: ConnectionId.parse(`cn_${String(this.#streams).padStart(8, "0")}`),
        clientAddress: "192.0.2.1:50000",
        connectTimeoutMs: options.connectTimeoutMs ?? 5_000,
        ...(options.backend === undefined ? {} : { backend: options.backend }),
      }),
    );
    if (options.first !== undefined) stream.write(Buffer.from(options.first));
    return new TestStream(stream);
  }

  #receive(message: ControlMessage): void {
    this.messages.push(message);
    if (message.type === "gateway_hello_ack") {
      this.#session = new MuxSession({
        transport: this.socket.binary,
        role: "server",
        windowBytes: 1024 * 1024,
        keepAliveIntervalMs: null,
        onClose: () => this.#hub.notify(),
        clock: SYSTEM_CLOCK,
      });
    }
    if (message.type === "register") {
      const cluster = { clusterId: ClusterId.parse("cl_00000001"), clusterName: "test" };
      const agentId = AgentId.parse("ag_00000001");
      this.send("register_success", { ...cluster, agentId }, message.requestId ?? "");
    }
    if (message.type === "heartbeat" && this.#options.isDeaf !== true)
      this.send("heartbeat_ack", {});
    if (message.type === "inventory") this.#keep(message.payload);
    if (message.type === "inventory_change") {
      const before = this.inventories.at(-1);
      const after = before === undefined ? null : applyInventoryChange(before, message.payload);
      if (after === null) throw new Error("a change builds on nothing that was sent");
      this.#keep(after);
    }
  }

  #keep(inventory: Inventory): void {
    this.inventories.push(inventory);
    this.send("inventory_ack", { generation: inventory.generation });
  }
}

/** The relay's end of one connection: what came back, and how it ended. */
export class TestStream {
  readonly stream: MuxStreamPort;
  readonly reply: Promise<StreamReply>;
  readonly end: Promise<MuxStreamEnd>;
  readonly #chunks: Uint8Array[] = [];
  /** What the service sent until it ended. */
  readonly text: Promise<string>;
  #onBytes: () => void = () => undefined;

  constructor(stream: MuxStreamPort) {
    this.stream = stream;
    const reply = Promise.withResolvers<StreamReply>();
    const text = Promise.withResolvers<string>();
    const end = Promise.withResolvers<MuxStreamEnd>();
    this.reply = reply.promise;
    this.text = text.promise;
    this.end = end.promise;
    // A test that does not ask for one of them must not fail because of it.
    for (const promise of [this.reply, this.text]) promise.catch(() => undefined);
    const reader = createStreamReplyReader();
    let isReplied = false;
    stream.bind({
      onData: (chunk) => {
        stream.consume(chunk.byteLength);
        if (isReplied) this.#push(chunk);
        else {
          const result = reader.push(chunk);
          if (result === null) return;
          isReplied = true;
          this.#push(result.rest);
          reply.resolve(result.value);
        }
      },
      onBatchEnd: () => undefined,
      onDrain: () => undefined,
      onEnd: () => text.resolve(this.received),
      onClose: (why) => {
        end.resolve(why);
        reply.reject(new Error(`no reply: ${why}`));
        text.reject(new Error(`no end: ${why}`));
      },
    });
  }

  get received(): string {
    return Buffer.concat(this.#chunks).toString("utf8");
  }

  /** Resolves when so much has come back. */
  async untilReceived(bytes: number): Promise<string> {
    while (this.received.length < bytes) await new Promise<void>((wake) => (this.#onBytes = wake));
    return this.received;
  }

  #push(chunk: Uint8Array): void {
    if (chunk.byteLength > 0) this.#chunks.push(chunk.slice());
    this.#onBytes();
  }
}
