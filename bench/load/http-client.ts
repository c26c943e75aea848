import { once } from "node:events";
import { connect, type Socket } from "node:net";
import type { BodyPath, HttpTarget } from "../http/wire.ts";

const LENGTH = /\r\ncontent-length: (\d+)\r\n/i;

/** One kept connection that asks for one path again and again: as cheap as a client can be. */
export class HttpClient {
  readonly #socket: Socket;
  readonly #request: Buffer;
  #onAnswer: () => void = () => undefined;
  /** Of the answer at hand, still to come; while its head is not whole, null. */
  #bytesLeft: number | null = null;
  #head: Buffer = Buffer.alloc(0);

  private constructor(socket: Socket, request: Buffer) {
    this.#socket = socket;
    this.#request = request;
    socket.on("data", (chunk: Buffer) => this.#receive(chunk));
  }

  static async open({ port, host }: HttpTarget, path: BodyPath): Promise<HttpClient> {
    const socket = connect({ port, host: "127.0.0.1", noDelay: true });
    await once(socket, "connect");
    return new HttpClient(socket, Buffer.from(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\n\r\n`));
  }

  /** Asks once. Not before the answer before is whole. */
  ask(onAnswer: () => void): void {
    this.#onAnswer = onAnswer;
    this.#socket.write(this.#request);
  }

  close(): void {
    this.#socket.destroy();
  }

  #receive(chunk: Buffer): void {
    let rest = chunk;
    if (this.#bytesLeft === null) {
      if (this.#head.byteLength > 0) rest = Buffer.concat([this.#head, chunk]);
      const end = rest.indexOf("\r\n\r\n");
      if (end < 0) {
        this.#head = rest;
        return;
      }
      this.#head = Buffer.alloc(0);
      const head = rest.toString("latin1", 0, end + 2);
      if (!head.startsWith("HTTP/1.1 200 ")) throw new Error(`the answer was ${head}`);
      this.#bytesLeft = Number(LENGTH.exec(head)?.[1]);
      rest = rest.subarray(end + 4);
    }
    this.#bytesLeft -= rest.byteLength;
    if (this.#bytesLeft > 0) return;
    this.#bytesLeft = null;
    this.#onAnswer();
  }
}
