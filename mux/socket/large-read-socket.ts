import { type NetConnectOpts, type OnReadOpts, Socket, type SocketConstructorOpts } from "node:net";
import type { Duplex } from "node:stream";
import { TLSSocket } from "node:tls";
import type { ByteSocket } from "./byte-socket.ts";
import { type LargeReads, NodeByteSocket } from "./node-byte-socket.ts";
import { ReadBuffers } from "./read-buffers.ts";

export interface SocketOptions {
  /** TCP keep-alive, milliseconds; 0 turns it off. */
  readonly keepAliveMs: number;
}

/** The low mark: small chunks are packed from there on, see `NodeByteSocket`. */
const SOCKET_BASICS = { allowHalfOpen: true, writableHighWaterMark: 16 * 1024 };

export interface DialSocketOptions extends SocketOptions {
  /** Where to, as `net.connect` takes it. */
  readonly target: NetConnectOpts;
  /** From the look-up of the name to the connection. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

/** What Node keeps behind a socket and does not document; each part is looked at before it is used. */
interface SocketInternals {
  _handle?: { useUserBuffer?: unknown; reading?: boolean } | null;
  _server?: unknown;
  server?: unknown;
}

/**
 * Takes an accepted socket over, reading into large buffers where it is plain TCP.
 *
 * Node offers `onread` only when a socket is constructed, so the handle moves to a new `net.Socket`; the old object is
 * an empty shell afterwards and must not be used. The server's count of connections moves along. Where the handle is not
 * as expected (TLS, another kind of Duplex, a later Node) the socket is used as it is: slower, never wrong.
 *
 * @param head bytes that were already read from it.
 */
export function adoptSocket(socket: Duplex, options: SocketOptions, head?: Uint8Array): ByteSocket {
  const early = readEarly(socket, head);
  const replacement = socket instanceof Socket ? moveHandle(socket) : null;
  const [owned, largeReads] = replacement ?? [socket, null];
  if (owned instanceof Socket) tune(owned, options);
  if (largeReads === null) owned.pause();
  return new NodeByteSocket(owned, early, largeReads);
}

/**
 * Connects, reading into large buffers. Reading starts with `bind`.
 *
 * @throws the system's error (`code` `ECONNREFUSED`, `ENOTFOUND` …), or one with code `ETIMEDOUT` after `timeoutMs`.
 */
export function dialSocket(options: DialSocketOptions): Promise<ByteSocket> {
  return new Promise((resolve, reject) => {
    const { largeReads, onread } = createLargeReads();
    const socket = new Socket({ ...SOCKET_BASICS, onread });
    const settle = (error: Error | null): void => {
      clearTimeout(timer);
      options.signal?.removeEventListener("abort", onAbort);
      socket.removeListener("connect", onConnect);
      socket.removeListener("error", onError);
      if (error === null) {
        resolve(new NodeByteSocket(socket, null, largeReads));
        return;
      }
      socket.on("error", () => {
        // The dial has already failed with another error; what the dying socket adds to it says nothing new.
      });
      socket.destroy();
      reject(error);
    };
    const onConnect = (): void => settle(null);
    const onError = (error: Error): void => settle(error);
    const onAbort = (): void => settle(toError(options.signal?.reason));
    const timer = setTimeout(() => settle(timeoutError(options.timeoutMs)), options.timeoutMs);
    socket.once("connect", onConnect);
    socket.once("error", onError);
    if (options.signal?.aborted === true) {
      onAbort();
      return;
    }
    options.signal?.addEventListener("abort", onAbort, { once: true });
    tune(socket, options);
    // Paused before it is connected, so that not a byte is read before `bind`.
    socket.pause();
    socket.connect(options.target);
  });
}

function tune(socket: Socket, options: SocketOptions): void {
  socket.setTimeout(0);
  socket.setNoDelay(true);
  socket.setKeepAlive(options.keepAliveMs > 0, options.keepAliveMs);
}

function readEarly(socket: Duplex, head: Uint8Array | undefined): Uint8Array | null {
  const buffered: unknown = socket.readableLength > 0 ? socket.read() : null;
  const parts = [head, buffered].filter((part) => part instanceof Uint8Array);
  return parts.length === 0 ? null : Buffer.concat(parts);
}

function createLargeReads(): { largeReads: LargeReads; onread: OnReadOpts } {
  const buffers = new ReadBuffers();
  const largeReads: LargeReads = {
    onRead: () => undefined,
    release: () => buffers.release(),
    reclaim: (bytes) => buffers.reclaim(bytes),
  };
  const onread = {
    buffer: () => buffers.next,
    callback: (byteCount: number) => {
      buffers.deliver(byteCount, largeReads.onRead);
      return true;
    },
  };
  return { largeReads, onread };
}

function moveHandle(socket: Socket & SocketInternals): [Socket, LargeReads] | null {
  const handle = socket._handle;
  if (socket instanceof TLSSocket || socket.destroyed || socket.readableEnded) return null;
  if (typeof handle?.useUserBuffer !== "function") return null;
  socket.setTimeout(0);
  const { largeReads, onread } = createLargeReads();
  const options: SocketConstructorOpts = { ...SOCKET_BASICS, onread };
  const replacement: Socket & SocketInternals = new Socket(
    Object.assign(options, { handle, pauseOnCreate: true }),
  );
  // `net.Server` counts a connection until the socket that names it is closed.
  replacement._server = socket._server;
  replacement.server = socket.server;
  socket._server = null;
  socket._handle = null;
  return [replacement, largeReads];
}

function timeoutError(timeoutMs: number): Error {
  return Object.assign(new Error(`no connection within ${timeoutMs} ms`), { code: "ETIMEDOUT" });
}

function toError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error("the dial was aborted", { cause: reason });
}
