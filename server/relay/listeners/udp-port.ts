import { createSocket, type RemoteInfo, type Socket, type SocketOptions } from "node:dgram";
import { isIPv6 } from "node:net";
import {
  DatagramSocket,
  RECEIVE_BUFFER_BYTES,
  type DatagramPort,
} from "#mux/socket/datagram-socket.ts";
import type { QueueRoom } from "#mux/socket/queue-room.ts";
import { keepReadMemory } from "#mux/socket/read-buffers.ts";
import { AmplificationGuard } from "./amplification-guard.ts";
import type { BindOptions, OpenPort } from "./port-listener.ts";
import type { Admission, SourceLimits } from "./source-limits.ts";

/** Answers that wait for the operating system, bytes; past it they are dropped. */
const UNSENT_BYTES_MAX = 4 * 1024 * 1024;

export interface UdpPortUser {
  readonly sources: SourceLimits;
  /** For datagrams of all ports that wait for their streams. */
  readonly room: QueueRoom;
  /** Somebody new sent a datagram; the callee owns the association. */
  readonly onAssociation: (socket: DatagramSocket) => void;
  /** A datagram that no association may be opened for. */
  readonly onRefused: () => void;
}

/**
 * Binds a UDP port: one association for each client address, for as long as its owner keeps it.
 *
 * @throws the system's error.
 */
export function bindUdpPort(options: BindOptions, user: UdpPortUser): Promise<OpenPort> {
  const { host, port, reusePort, onBroken } = options;
  const socket = createSocket({
    type: isIPv6(host) ? "udp6" : "udp4",
    reusePort,
    recvBufferSize: RECEIVE_BUFFER_BYTES,
    lookup: asItIs,
  });
  return new Promise((resolve, reject) => {
    socket.once("error", reject);
    socket.bind({ address: host, port, exclusive: true }, () => {
      socket.removeListener("error", reject);
      const open = new UdpPort(socket, user);
      socket.on("error", (error) => {
        open.fail(error);
        onBroken(error);
      });
      resolve(open);
    });
  });
}

/** Whom we answer has written to us: addresses, never names. Saves a turn of the event loop for each datagram. */
const asItIs: NonNullable<SocketOptions["lookup"]> = (address, _options, callback) =>
  callback(null, address, isIPv6(address) ? 6 : 4);

class UdpPort implements OpenPort {
  readonly #socket: Socket;
  readonly #user: UdpPortUser;
  /** Those that take datagrams, by client address. */
  readonly #associations = new Map<string, Association>();
  /** With those that answer only. */
  readonly #open = new Set<Association>();
  #isStopped = false;

  constructor(socket: Socket, user: UdpPortUser) {
    this.#socket = socket;
    this.#user = user;
    socket.on("message", (datagram, from) => this.#receive(datagram, from));
  }

  stop(): void {
    if (this.#isStopped) return;
    this.#isStopped = true;
    this.#closeWhenEmpty();
  }

  /** The socket broke: there is nothing to answer through any more. */
  fail(error: Error): void {
    for (const association of [...this.#open]) association.bytes.fail(error);
  }

  #receive(datagram: Uint8Array, from: RemoteInfo): void {
    const key = `${from.address}|${from.port}`;
    const known = this.#associations.get(key);
    // One that just gave way cannot pass anything on: who speaks again begins anew.
    if (known !== undefined && !known.bytes.isExpired) return known.receive(datagram);
    if (this.#isStopped) return;
    const { sources, room, onRefused, onAssociation } = this.#user;
    // Nobody can be answered at port 0, and Node throws at the attempt. Only forgers send from there.
    if (from.port === 0) return onRefused();
    const admission = sources.admit(from.address, () => association.bytes.expire());
    if (admission === null) return onRefused();
    const association = new Association(this.#socket, from, {
      room,
      admission,
      onClose: () => {
        this.#open.delete(association);
        if (this.#associations.get(key) === association) this.#associations.delete(key);
        this.#closeWhenEmpty();
      },
    });
    this.#associations.set(key, association);
    this.#open.add(association);
    association.open(datagram);
    onAssociation(association.bytes);
  }

  /** Associations live on after the stop: they answer through this socket. */
  #closeWhenEmpty(): void {
    if (this.#isStopped && this.#open.size === 0) this.#socket.close();
  }
}

interface AssociationOptions {
  readonly room: QueueRoom;
  readonly admission: Admission;
  readonly onClose: () => void;
}

class Association implements DatagramPort {
  readonly bytes: DatagramSocket;
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly #socket: Socket;
  readonly #options: AssociationOptions;
  readonly #guard = new AmplificationGuard();

  constructor(socket: Socket, from: RemoteInfo, options: AssociationOptions) {
    this.#socket = socket;
    this.remoteAddress = from.address;
    this.remotePort = from.port;
    this.#options = options;
    this.bytes = new DatagramSocket(this, options.room);
  }

  /** Takes the first datagram, which says nothing of how long the client will stay. */
  open(datagram: Uint8Array): void {
    this.#guard.asked(datagram.byteLength);
    this.bytes.receive(datagram);
  }

  receive(datagram: Uint8Array): void {
    this.#options.admission.isActive = true;
    this.#guard.asked(datagram.byteLength);
    this.bytes.receive(datagram);
  }

  send(datagram: Uint8Array): boolean {
    if (this.#socket.getSendQueueSize() > UNSENT_BYTES_MAX) return false;
    if (!this.#guard.mayAnswer(datagram.byteLength)) return false;
    this.#socket.send(datagram, this.remotePort, this.remoteAddress, onSent);
    // Node hands it to the system during the call, unless that has no room just now.
    if (this.#socket.getSendQueueSize() > 0) keepReadMemory();
    return true;
  }

  close(): void {
    this.#options.admission.release();
    this.#options.onClose();
  }
}

function onSent(): void {
  // UDP promises nothing: a datagram that the system could not send is lost like one that the network dropped.
}
