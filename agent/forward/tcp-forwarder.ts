import {
  createStreamHeaderReader,
  encodeStreamReply,
  type DialStatus,
  type StreamHeader,
} from "#protocol/control/stream-header.ts";
import { listenerKeyText } from "#protocol/control/inventory.ts";
import type { ByteSocket } from "#mux/socket/byte-socket.ts";
import { QueueRoom } from "#mux/socket/queue-room.ts";
import { PackedBytes } from "#mux/packed-bytes.ts";
import type { MuxStreamPort } from "#mux/stream/mux-stream-port.ts";
import { pump, type Pump, type PumpEnd } from "#mux/stream/pump.ts";
import type { UpstreamBackend } from "../discovery/discovery.ts";
import type { Log } from "../log.ts";
import { dialDatagrams, type DialDatagramsResult } from "./dial-datagrams.ts";
import { dialUpstream, type DialResult } from "./dial-upstream.ts";
import type { ForbiddenAddresses } from "./forbidden-addresses.ts";
import { ForwarderCounters } from "./forwarder-counters.ts";
import { pickBackend, pickNamed, type PickedBackend } from "./pick-backend.ts";
import { UdpSessions } from "./udp-sessions.ts";

/** How long the server may take to end a stream that was refused. */
const LINGER_MS = 10_000;
/** What all UDP sessions together may keep waiting for a congested link, bytes. A choice. */
const WAITING_BYTES_MAX = 32 * 1024 * 1024;

export interface TcpForwarderOptions {
  /** The agent's own discovery: the only place a target comes from. */
  readonly findTargets: (key: string) => readonly UpstreamBackend[] | null;
  readonly forbidden: ForbiddenAddresses;
  readonly maxConnections: number;
  readonly udp: {
    readonly maxSessions: number;
    /** A session that is quiet for so long ends, milliseconds. */
    readonly sessionTimeoutMs: number;
    /** Larger datagrams are dropped. */
    readonly bufferSizeBytes: number;
  };
  readonly connectionTimeoutMs: number;
  /** TCP keep-alive to services, milliseconds; 0 turns it off. */
  readonly keepAliveMs: number;
  readonly resolveName: (host: string) => Promise<readonly string[]>;
  readonly random: () => number;
  /** From the opening of a stream to its whole header, milliseconds. */
  readonly headerTimeoutMs: number;
  readonly log: Log;
}

/**
 * Turns streams that the server opens into connections to services.
 *
 * A stream names a listener, never an address: the address comes from this agent's own discovery, so that a server in
 * the wrong hands can reach nothing that was not published.
 */
export class TcpForwarder {
  /** TCP connections. */
  readonly counters = new ForwarderCounters();
  /** UDP sessions. */
  readonly sessions = new ForwarderCounters();
  /** Of all UDP sessions; `in` is client to service. */
  readonly datagrams = { in: 0, out: 0, dropped: 0 };
  readonly #options: TcpForwarderOptions;
  readonly #room = new QueueRoom(WAITING_BYTES_MAX);
  readonly #udpSessions = new UdpSessions();

  constructor(options: TcpForwarderOptions) {
    this.#options = options;
  }

  /** Discovery sees something else now: UDP sessions to addresses that are gone end. */
  targetsChanged(): void {
    this.#udpSessions.endMoved(this.#options.findTargets);
  }

  /** Connections and sessions together. */
  get open(): number {
    return this.counters.open + this.sessions.open;
  }

  /** Takes a stream from its first byte. */
  accept(stream: MuxStreamPort): void {
    const { headerTimeoutMs, log } = this.#options;
    const timer = setTimeout(() => stream.reset(), headerTimeoutMs);
    const opening = new Opening(stream, {
      onHeader: (header) => {
        clearTimeout(timer);
        void this.#forward(opening, header).catch((error: unknown) => {
          log.error("A connection could not be forwarded", { error: String(error) });
          stream.reset();
        });
      },
      onOver: () => clearTimeout(timer),
    });
    opening.start();
  }

  async #forward(opening: Opening, header: StreamHeader): Promise<void> {
    const isUdp = header.kind === "udp";
    const counters = isUdp ? this.sessions : this.counters;
    const max = isUdp ? this.#options.udp.maxSessions : this.#options.maxConnections;
    if (counters.open >= max) {
      const message = `The agent carries its ${max} ${isUdp ? "UDP sessions" : "connections"} already.`;
      return this.#refuse(opening, header, { status: "limit_reached", message });
    }
    counters.open += 1;
    counters.total += 1;
    let result: DialResult | DialDatagramsResult;
    try {
      result = await this.#dial(header, opening.signal);
    } catch (error) {
      counters.open -= 1;
      throw error;
    }
    if (result.status !== "ok") {
      counters.open -= 1;
      return this.#refuse(opening, header, result);
    }
    if (opening.signal.aborted) {
      counters.open -= 1;
      result.socket.reset();
      return;
    }
    const { connectionId } = header;
    this.#options.log.debug("Connection opened", { connectionId, upstream: result.address });
    const carried = counters.carry();
    const onSessionOver = "target" in result ? this.#followSession(header, result) : null;
    const carrying = opening.handOver(result.socket, (reason) => {
      onSessionOver?.();
      carried.end(reason);
      this.#options.log.debug("Connection closed", { connectionId, reason });
    });
    carried.attach(carrying);
  }

  #followSession(header: StreamHeader, { target, socket }: OpenSession): () => void {
    return this.#udpSessions.add({ key: listenerKeyText(header.target), target, socket });
  }

  async #dial(
    header: StreamHeader,
    signal: AbortSignal,
  ): Promise<DialResult | DialDatagramsResult> {
    const { target } = header;
    const name = `${target.namespace}/${target.gateway} port ${target.port}`;
    if ((header.kind === "udp") !== (target.protocol === "udp")) {
      const message = `${name} is a ${target.protocol} listener; the server asked for ${header.kind}.`;
      return { status: "forbidden", message };
    }
    const backends = this.#options.findTargets(listenerKeyText(target));
    if (backends === null) {
      return { status: "forbidden", message: `This agent does not publish ${name}.` };
    }
    const picked = this.#pick(backends, header);
    if (header.backend !== undefined && picked === null) {
      const { namespace, name: service, port } = header.backend;
      const message = `Port ${port} of Service ${namespace}/${service} is no backend of ${name}.`;
      return { status: "forbidden", message };
    }
    if (picked === null || picked.addresses.length === 0) {
      const silent = picked?.backend ?? backends.find((backend) => backend.reason !== null);
      const reason = silent?.reason;
      return { status: "no_backend", message: reason ?? `No backend of ${name} is ready.` };
    }
    const { forbidden, resolveName, keepAliveMs, connectionTimeoutMs, udp } = this.#options;
    const timeoutMs = Math.min(header.connectTimeoutMs, connectionTimeoutMs);
    const common = { forbidden, resolveName, timeoutMs };
    return header.kind === "udp"
      ? dialDatagrams(picked.addresses, {
          ...common,
          ...udp,
          room: this.#room,
          datagrams: this.datagrams,
        })
      : dialUpstream(picked.addresses, { ...common, keepAliveMs, signal });
  }

  #pick(backends: readonly UpstreamBackend[], { backend }: StreamHeader): PickedBackend | null {
    const { random } = this.#options;
    return backend === undefined
      ? pickBackend(backends, random)
      : pickNamed(backends, backend, random);
  }

  #refuse(
    opening: Opening,
    header: StreamHeader,
    refusal: { readonly status: DialStatus; readonly message: string },
  ): void {
    (header.kind === "udp" ? this.sessions : this.counters).fail(refusal.status);
    if (opening.signal.aborted) return;
    const { target, connectionId } = header;
    const listener = `${target.namespace}/${target.gateway}:${target.port}`;
    const fields = { status: refusal.status, reason: refusal.message, listener, connectionId };
    this.#options.log.info("Connection refused", fields);
    opening.refuse(encodeStreamReply(refusal));
  }
}

type OpenSession = Extract<DialDatagramsResult, { status: "ok" }>;

interface OpeningEvents {
  onHeader(header: StreamHeader): void;
  /** The stream was over before its header was whole. */
  onOver(): void;
}

/**
 * A stream between its first byte and the pump. The client's bytes may arrive before the service has answered: they are
 * kept here, unconsumed, so that the stream's window bounds them.
 */
class Opening {
  readonly #stream: MuxStreamPort;
  readonly #events: OpeningEvents;
  readonly #reader = createStreamHeaderReader();
  readonly #over = new AbortController();
  #isHeaderRead = false;
  /** Packed, so that a client's thousands of tiny segments cost no more than their bytes. */
  readonly #held = new PackedBytes();
  #isEnded = false;

  constructor(stream: MuxStreamPort, events: OpeningEvents) {
    this.#stream = stream;
    this.#events = events;
  }

  /** Aborted when the stream is over: nobody waits for the dial any more. */
  get signal(): AbortSignal {
    return this.#over.signal;
  }

  start(): void {
    this.#stream.bind({
      onData: (chunk) => this.#onData(chunk),
      onBatchEnd: () => undefined,
      onDrain: () => undefined,
      onEnd: () => {
        this.#isEnded = true;
        // Without a whole header there is nothing to do for it.
        if (!this.#isHeaderRead) this.#stream.reset();
      },
      onClose: () => this.#onClose(),
    });
  }

  /** Answers that the service is there, and lets the bytes flow. */
  handOver(socket: ByteSocket, onClose: (reason: PumpEnd) => void): Pump {
    this.#stream.write(encodeStreamReply({ status: "ok", message: "" }));
    return pump({
      socket,
      stream: this.#stream,
      firstBytes: this.#held.takeAll(),
      isStreamEnded: this.#isEnded,
      observer: { onClose: ({ reason }) => onClose(reason) },
    });
  }

  /** Answers why not. Whatever the client sent is dropped. */
  refuse(reply: Uint8Array): void {
    const bytes = this.#held.takeAll().byteLength;
    const timer = setTimeout(() => this.#stream.reset(), LINGER_MS);
    this.#stream.bind({
      onData: (chunk) => this.#stream.consume(chunk.byteLength),
      onBatchEnd: () => undefined,
      onDrain: () => undefined,
      onEnd: () => undefined,
      onClose: () => {
        clearTimeout(timer);
        this.#onClose();
      },
    });
    if (bytes > 0) this.#stream.consume(bytes);
    this.#stream.write(reply);
    this.#stream.end();
  }

  #onData(chunk: Uint8Array): void {
    if (this.#isHeaderRead) {
      this.#held.push(chunk);
      return;
    }
    try {
      const result = this.#reader.push(chunk);
      if (result === null) return;
      this.#isHeaderRead = true;
      this.#stream.consume(result.preambleBytes);
      if (result.rest.byteLength > 0) this.#held.push(result.rest);
      this.#events.onHeader(result.value);
    } catch {
      // A header that makes no sense: there is no version of it to answer in.
      this.#stream.reset();
    }
  }

  #onClose(): void {
    if (!this.#isHeaderRead) this.#events.onOver();
    this.#over.abort();
  }
}
