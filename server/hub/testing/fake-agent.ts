import { createSocket } from "node:dgram";
import { connect, type Socket } from "node:net";
import { CLOSE_CODES } from "#protocol/control/close-codes.ts";
import { decodeControl, encodeControl } from "#protocol/control/codec.ts";
import type { Inventory } from "#protocol/control/inventory.ts";
import { AGENT_SOCKET_PATH, CAPABILITIES, PROTOCOL_VERSION } from "#protocol/control/limits.ts";
import type { ControlMessage, ControlPayload, ControlType } from "#protocol/control/messages.ts";
import {
  createStreamHeaderReader,
  encodeStreamReply,
  type DialStatus,
  type StreamHeader,
} from "#protocol/control/stream-header.ts";
import { DatagramSocket } from "#mux/socket/datagram-socket.ts";
import { QueueRoom } from "#mux/socket/queue-room.ts";
import { adoptSocket } from "#mux/socket/large-read-socket.ts";
import { MuxSession } from "#mux/session/mux-session.ts";
import type { MuxStreamPort } from "#mux/stream/mux-stream-port.ts";
import { pump } from "#mux/stream/pump.ts";
import { dialWebSocket, type DialWebSocketResult } from "#mux/transport/websocket/dial.ts";
import type { WebSocketLink } from "#mux/transport/websocket/web-socket-link.ts";

/** What the fake does with a stream: a local port to dial, or the status to answer; `cut` connects and is reset at once. */
export type FakeAnswer = number | DialStatus | "silence" | "hang_up" | "cut";
export type FakeTarget = (header: StreamHeader) => FakeAnswer;

export interface FakeAgentOptions {
  readonly port: number;
  readonly token: string;
  readonly agentId?: string;
  readonly instanceId?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly protocolVersion?: number;
  /** Default: everything. */
  readonly capabilities?: readonly string[];
  /** Milliseconds between heartbeats; null sends none. */
  readonly heartbeatMs?: number | null;
  readonly target?: FakeTarget;
}

/** An agent made of the mux's client pieces, with every step of the handshake in the test's hand. */
export class FakeAgent {
  readonly received: ControlMessage[] = [];
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
  link: WebSocketLink | null = null;
  streamCount = 0;
  readonly #options: FakeAgentOptions;
  readonly #sockets = new Set<Socket>();
  #heartbeat: NodeJS.Timeout | undefined;
  #waiters: (() => void)[] = [];
  #resolveClosed: (end: { code: number; reason: string }) => void;

  constructor(options: FakeAgentOptions) {
    this.#options = options;
    const { promise, resolve } = Promise.withResolvers<{ code: number; reason: string }>();
    this.closed = promise;
    this.#resolveClosed = resolve;
  }

  /** Dials, shakes hands, registers and reports its inventory. */
  async start(inventory: Inventory): Promise<void> {
    const result = await this.dial();
    if (result.kind !== "connected") throw new Error(`the dial ended as ${JSON.stringify(result)}`);
    await this.message("gateway_hello");
    this.sendHelloAck();
    this.sendRegister();
    await this.message("register_success");
    this.startSession();
    this.send("inventory", inventory);
    await this.message("inventory_ack");
  }

  async dial(): Promise<DialWebSocketResult> {
    const { port, token, headers } = this.#options;
    const result = await dialWebSocket({
      url: new URL(`ws://127.0.0.1:${port}${AGENT_SOCKET_PATH}`),
      headers: { authorization: `Bearer ${token}`, ...headers },
      handler: {
        onText: (text) => this.#receive(text),
        onClose: ({ code, reason }) => {
          clearInterval(this.#heartbeat);
          this.#resolveClosed({ code, reason });
        },
      },
      maxTextBytes: 1024 * 1024,
      closeTimeoutMs: 1_000,
      keepAliveMs: 0,
      handshakeTimeoutMs: 5_000,
    });
    if (result.kind === "connected") this.link = result.link;
    return result;
  }

  sendHelloAck(): void {
    const protocolVersion = this.#options.protocolVersion ?? PROTOCOL_VERSION;
    this.send("gateway_hello_ack", {
      protocolVersion,
      useYamux: true,
      capabilities: [...(this.#options.capabilities ?? CAPABILITIES)],
    });
  }

  sendRegister(): void {
    const { agentId = "host-1", instanceId = `instance-of-${agentId}` } = this.#options;
    this.send("register", {
      agentId,
      instanceId,
      version: "0.0.0-test",
      clusterName: null,
      startedAt: new Date().toISOString(),
      forceTunnelMode: false,
      dualModeEnabled: false,
      limits: null,
    });
  }

  startSession(): void {
    const { heartbeatMs = 5_000 } = this.#options;
    const { link } = this;
    if (link === null) throw new Error("dial first");
    new MuxSession({
      transport: link.binary,
      role: "client",
      windowBytes: 1024 * 1024,
      keepAliveIntervalMs: null,
      onStream: (stream) => this.#onStream(stream),
      onClose: () => undefined,
    });
    if (heartbeatMs === null) return;
    this.#heartbeat = setInterval(() => {
      this.send("heartbeat", { streams: this.streamCount, uptimeSeconds: 1, memoryBytes: 1 });
    }, heartbeatMs);
  }

  send<T extends ControlType>(type: T, payload: ControlPayload<T>): void {
    this.link?.sendText(encodeControl(type, payload, { now: new Date() }));
  }

  /** Resolves with the first message of that type, also when it has come already. */
  async message<T extends ControlType>(type: T): Promise<Extract<ControlMessage, { type: T }>> {
    for (;;) {
      const found = this.received.find((message) => message.type === type);
      if (found !== undefined) return found as Extract<ControlMessage, { type: T }>;
      await new Promise<void>((resolve) => this.#waiters.push(resolve));
    }
  }

  /** Resolves once so many messages of that type have come. @returns the newest. */
  async newest<T extends ControlType>(
    type: T,
    count: number,
  ): Promise<Extract<ControlMessage, { type: T }>> {
    for (;;) {
      const found = this.received.filter((message) => message.type === type);
      if (found.length >= count) return found.at(-1) as Extract<ControlMessage, { type: T }>;
      await new Promise<void>((resolve) => this.#waiters.push(resolve));
    }
  }

  /** Goes away as a killed process does: no close frame. */
  kill(): void {
    clearInterval(this.#heartbeat);
    this.link?.destroy();
    for (const socket of this.#sockets) socket.destroy();
  }

  close(): void {
    clearInterval(this.#heartbeat);
    this.link?.close(CLOSE_CODES.going_away.code, "");
  }

  #receive(text: string): void {
    const message = decodeControl(text, "server");
    if (message !== null) this.received.push(message);
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const wake of waiters) wake();
  }

  #onStream(stream: MuxStreamPort): void {
    const reader = createStreamHeaderReader();
    this.streamCount += 1;
    stream.bind({
      onData: (chunk) => {
        const header = reader.push(chunk);
        if (header === null) return stream.consume(chunk.byteLength);
        stream.consume(header.preambleBytes);
        this.#serve(stream, header.value, header.rest);
      },
      onBatchEnd: () => undefined,
      onEnd: () => undefined,
      onDrain: () => undefined,
      onClose: () => undefined,
    });
  }

  #serve(stream: MuxStreamPort, header: StreamHeader, rest: Uint8Array): void {
    const target = (this.#options.target ?? (() => "not_found" as const))(header);
    // What comes meanwhile is for the target; the test decides how fast it is.
    const early: Uint8Array[] = [rest];
    let isStreamEnded = false;
    stream.bind({
      onData: (chunk) => void early.push(chunk),
      onBatchEnd: () => undefined,
      onEnd: () => void (isStreamEnded = true),
      onDrain: () => undefined,
      onClose: () => undefined,
    });
    if (target === "silence") return;
    if (target === "hang_up") return stream.reset();
    if (target === "cut") {
      stream.write(encodeStreamReply({ status: "ok", message: "" }));
      return stream.reset();
    }
    if (typeof target !== "number") {
      stream.write(encodeStreamReply({ status: target, message: `fake says ${target}` }));
      return stream.end();
    }
    if (header.kind === "udp") return this.#forwardDatagrams(stream, target, early);
    const socket = connect({ port: target, host: "127.0.0.1", allowHalfOpen: true });
    this.#sockets.add(socket);
    socket.on("close", () => {
      this.#sockets.delete(socket);
      this.streamCount -= 1;
    });
    socket.on("error", () => stream.reset());
    socket.once("connect", () => {
      socket.removeAllListeners("error");
      stream.write(encodeStreamReply({ status: "ok", message: "" }));
      pump({
        socket: adoptSocket(socket, { keepAliveMs: 0 }),
        stream,
        firstBytes: Buffer.concat(early),
        isStreamEnded,
        observer: { onClose: () => void (this.streamCount -= 1) },
      });
    });
  }

  #forwardDatagrams(stream: MuxStreamPort, port: number, early: readonly Uint8Array[]): void {
    const udp = createSocket("udp4");
    const association = {
      send: (datagram: Uint8Array) => {
        // Its own bytes: they are only lent.
        udp.send(Buffer.from(datagram));
        return true;
      },
      close: () => void udp.close(),
      remoteAddress: "127.0.0.1",
      remotePort: port,
    };
    const socket = new DatagramSocket(association, new QueueRoom(1024 * 1024));
    udp.on("message", (datagram) => socket.receive(datagram));
    udp.on("error", (error) => socket.fail(error));
    udp.connect(port, "127.0.0.1", () => {
      stream.write(encodeStreamReply({ status: "ok", message: "" }));
      pump({
        socket,
        stream,
        firstBytes: Buffer.concat(early),
        observer: { onClose: () => void (this.streamCount -= 1) },
      });
    });
  }
}

/** An inventory with listeners `shop/edge` on these ports. */
export function inventoryOf(
  ports: readonly number[],
  generation = 1,
  protocol: "tcp" | "udp" = "tcp",
): Inventory {
  return {
    generation,
    source: "files",
    kubernetesVersion: null,
    gatewayApi: null,
    loadBalancers: [],
    problems: [],
    gateways: [
      {
        namespace: "shop",
        name: "edge",
        addresses: [],
        routingMode: null,
        idleTimeoutMs: null,
        listeners: ports.map((port) => ({
          name: `${protocol}-${port}`,
          port,
          protocol,
          hostname: null,
          routes: [],
          backends: [],
          problem: null,
          problemCode: null,
        })),
      },
    ],
  };
}
