import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import type { Site } from "./http-lab.ts";
import { decodeFrame, describeFrame, type ReceivedFrame } from "./web-socket-frame.ts";

const DEADLINE_MS = 30_000;
/** What was seen of a connection, with payloads by their hash so that it can be compared and shown. */
export type Transcript = readonly string[];

/** One client's connection. */
export class WebSocketPeer {
  readonly #socket: Socket;
  readonly #frames: ReceivedFrame[] = [];
  /** What the server took of the extensions. */
  readonly extensions: string;
  #pending: Buffer[] = [];
  #pendingBytes = 0;
  #isEnded = false;
  #wake = (): void => {};

  private constructor(socket: Socket, extensions: string, early: Buffer) {
    this.#socket = socket;
    this.extensions = extensions;
    socket.on("data", (chunk: Buffer) => this.#onData(chunk));
    socket.on("end", () => this.#onEnd());
    socket.on("close", () => this.#onEnd());
    if (early.byteLength > 0) this.#onData(early);
  }

  /** @param extensions offered in the handshake. */
  static async open({ port, host }: Site, extensions?: string): Promise<WebSocketPeer> {
    const socket = connect({ port, host: "127.0.0.1", noDelay: true });
    socket.on("error", () => {}); // A reset is an end like any other.
    const fields = [
      `Host: ${host}`,
      "Connection: Upgrade",
      "Upgrade: websocket",
      "Sec-WebSocket-Version: 13",
      `Sec-WebSocket-Key: ${randomBytes(16).toString("base64")}`,
      ...(extensions === undefined ? [] : [`Sec-WebSocket-Extensions: ${extensions}`]),
    ];
    socket.write(`GET / HTTP/1.1\r\n${fields.join("\r\n")}\r\n\r\n`);
    let head = Buffer.alloc(0);
    for (;;) {
      const signal = AbortSignal.timeout(DEADLINE_MS);
      const [chunk] = (await once(socket, "data", { signal })) as [Buffer];
      head = Buffer.concat([head, chunk]);
      const end = head.indexOf("\r\n\r\n");
      if (end < 0) continue;
      const text = head.subarray(0, end).toString("latin1");
      if (!text.startsWith("HTTP/1.1 101")) throw new Error(text);
      const [, taken = ""] = /^sec-websocket-extensions: (.*)$/im.exec(text) ?? [];
      return new WebSocketPeer(socket, taken, head.subarray(end + 4));
    }
  }

  /** @param chopBytes how many go out at a time; 0 is all at once. */
  async send(bytes: Uint8Array, chopBytes = 0): Promise<void> {
    const step = chopBytes === 0 ? bytes.byteLength : chopBytes;
    for (let at = 0; at < bytes.byteLength; at += step) {
      if (!this.#socket.writable) return;
      if (this.#socket.write(bytes.subarray(at, at + step))) continue;
      await Promise.race([once(this.#socket, "drain"), once(this.#socket, "close")]);
    }
  }

  /** Waits until so many frames have come, or the server has ended the connection. */
  async untilFrames(count: number): Promise<void> {
    await this.#until(() => this.#frames.length >= count);
  }

  /** Waits until the server has ended the connection. */
  async untilEnd(): Promise<Transcript> {
    await this.#until(() => false);
    this.#socket.destroy();
    return this.#frames.map((frame) => describeFrame(frame));
  }

  destroy(): void {
    this.#socket.destroy();
  }

  async #until(isEnough: () => boolean): Promise<void> {
    const timer = setTimeout(() => {
      this.#socket.destroy(new Error("no end in time"));
    }, DEADLINE_MS);
    try {
      while (!isEnough() && !this.#isEnded) {
        await new Promise<void>((resolve) => (this.#wake = resolve));
      }
      if (this.#socket.errored?.message === "no end in time") throw this.#socket.errored;
    } finally {
      clearTimeout(timer);
    }
  }

  #onEnd(): void {
    this.#isEnded = true;
    this.#wake();
  }

  #onData(chunk: Buffer): void {
    this.#pending.push(chunk);
    this.#pendingBytes += chunk.byteLength;
    for (;;) {
      const need = this.#frameBytes();
      if (need === null || need > this.#pendingBytes) break;
      const all = this.#join();
      this.#frames.push(decodeFrame(all.subarray(0, need)));
      this.#pending = [all.subarray(need)];
      this.#pendingBytes -= need;
    }
    this.#wake();
  }

  #join(): Buffer {
    if (this.#pending.length > 1) this.#pending = [Buffer.concat(this.#pending)];
    return this.#pending[0] ?? Buffer.alloc(0);
  }

  /** Size of the frame that comes next, with its header; null while that is not known. */
  #frameBytes(): number | null {
    if (this.#pendingBytes < 2) return null;
    if ((this.#pending[0]?.byteLength ?? 0) < 10) this.#join();
    const bytes = this.#pending[0] ?? Buffer.alloc(0);
    const short = (bytes[1] ?? 0) & 0x7f;
    if (short < 126) return 2 + short;
    if (short === 126) return bytes.byteLength < 4 ? null : 4 + bytes.readUInt16BE(2);
    return bytes.byteLength < 10 ? null : 10 + Number(bytes.readBigUInt64BE(2));
  }
}
