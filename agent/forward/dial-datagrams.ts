import { createSocket, type Socket } from "node:dgram";
import { isIPv6 } from "node:net";
import {
  DatagramSocket,
  RECEIVE_BUFFER_BYTES,
  type DatagramPort,
} from "#mux/socket/datagram-socket.ts";
import type { QueueRoom } from "#mux/socket/queue-room.ts";
import { keepReadMemory } from "#mux/socket/read-buffers.ts";
import type { UpstreamAddress } from "../discovery/discovery.ts";
import {
  describeAddress,
  errorCode,
  resolveUpstream,
  type DialFailure,
  type ResolveOptions,
} from "./resolve-upstream.ts";

/** Datagrams that wait for the operating system, bytes; past it they are dropped. */
const UNSENT_BYTES_MAX = 1024 * 1024;
/** These say something of one datagram or of a moment, not of the service. */
const PASSING_ERRORS: ReadonlySet<string> = new Set(["EMSGSIZE", "ENOBUFS", "ENOMEM", "EAGAIN"]);

export type DialDatagramsResult =
  | {
      readonly status: "ok";
      readonly socket: DatagramSocket;
      readonly address: string;
      /** The address as discovery has it. */
      readonly target: UpstreamAddress;
    }
  | DialFailure;

export interface DialDatagramsOptions extends ResolveOptions {
  /** For the look-up of the name. */
  readonly timeoutMs: number;
  /** A session that is quiet for so long ends, milliseconds. */
  readonly sessionTimeoutMs: number;
  /** Larger datagrams are dropped. */
  readonly bufferSizeBytes: number;
  /** For datagrams of all sessions that wait for their streams. */
  readonly room: QueueRoom;
  /** Counted up: `in` is client to service. */
  readonly datagrams: { in: number; out: number; dropped: number };
}

/**
 * Opens a UDP session with the first address of a backend that may be dialled. Never rejects.
 *
 * UDP knows no answer to wait for. The socket is connected, so that only the service is heard, and a port where nobody
 * listens is told by ICMP: then the session breaks.
 */
export async function dialDatagrams(
  addresses: readonly UpstreamAddress[],
  options: DialDatagramsOptions,
): Promise<DialDatagramsResult> {
  const deadlineAt = performance.now() + options.timeoutMs;
  let last: DialFailure = { status: "no_backend", message: "The backend has no ready address." };
  for (const target of addresses) {
    const resolved = await resolveUpstream(target, deadlineAt, options);
    if ("status" in resolved) {
      last = resolved;
      continue;
    }
    const [host = target.host] = resolved;
    const address = describeAddress({ host, port: target.port });
    try {
      const socket = await connectSocket(host, target.port);
      return { status: "ok", socket: new Session(socket, options).bytes, address, target };
    } catch (error) {
      last = {
        status: "failed",
        message: `${address} could not be reached (${errorCode(error)}).`,
      };
    }
  }
  return last;
}

function connectSocket(host: string, port: number): Promise<Socket> {
  const socket = createSocket({
    type: isIPv6(host) ? "udp6" : "udp4",
    recvBufferSize: RECEIVE_BUFFER_BYTES,
  });
  return new Promise((resolve, reject) => {
    socket.once("error", reject);
    socket.connect(port, host, (error?: Error) => {
      socket.removeListener("error", reject);
      if (error === undefined) return resolve(socket);
      socket.close();
      reject(error);
    });
  });
}

class Session implements DatagramPort {
  readonly bytes: DatagramSocket;
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly #socket: Socket;
  readonly #maxBytes: number;
  readonly #datagrams: DialDatagramsOptions["datagrams"];
  readonly #timer: NodeJS.Timeout;

  constructor(socket: Socket, options: DialDatagramsOptions) {
    this.#socket = socket;
    const { address, port } = socket.remoteAddress();
    this.remoteAddress = address;
    this.remotePort = port;
    this.#maxBytes = options.bufferSizeBytes;
    this.#datagrams = options.datagrams;
    this.bytes = new DatagramSocket(this, options.room);
    this.#timer = setTimeout(() => this.bytes.expire(), options.sessionTimeoutMs);
    socket.on("message", (datagram) => {
      this.#timer.refresh();
      if (datagram.byteLength > this.#maxBytes) {
        this.#datagrams.dropped += 1;
        return;
      }
      this.#datagrams.out += 1;
      this.bytes.receive(datagram);
    });
    socket.on("error", this.#onError);
  }

  send(datagram: Uint8Array): boolean {
    this.#timer.refresh();
    const isTooMuch = this.#socket.getSendQueueSize() > UNSENT_BYTES_MAX;
    if (isTooMuch || datagram.byteLength > this.#maxBytes) {
      this.#datagrams.dropped += 1;
      return false;
    }
    this.#datagrams.in += 1;
    this.#socket.send(datagram, this.#onSent);
    // Node hands it to the system during the call, unless that has no room just now.
    if (this.#socket.getSendQueueSize() > 0) keepReadMemory();
    return true;
  }

  close(): void {
    clearTimeout(this.#timer);
    // What was dropped for want of room in the stream.
    this.#datagrams.dropped += this.bytes.datagrams.overflowed;
    this.#socket.close();
  }

  readonly #onSent = (error: Error | null): void => {
    if (error !== null) this.#onError(error);
  };

  readonly #onError = (error: Error): void => {
    if (PASSING_ERRORS.has(errorCode(error))) this.#datagrams.dropped += 1;
    else this.bytes.fail(error);
  };
}
