import { createServer, type AddressInfo, type Socket } from "node:net";
import { takeBody, takeHead } from "./http1-message.ts";

/** What a service sends for one request, one character a byte. */
export interface Script {
  readonly bytes: string;
  /** Follows again and again, for as long as somebody takes it. */
  readonly endless?: string;
  /** By default the connection stays open. */
  readonly then?: "close" | "reset";
}

/** A service by HTTP/1.1 that answers some requests by the book, and others as it was told. */
export class ScriptedService {
  readonly sockets = new Set<Socket>();
  readonly #scriptOf: (target: string) => Script | null;
  readonly #greeting: string;
  readonly #server = createServer((socket) => this.#serve(socket));

  /**
   * @param scriptOf by the request's target, as soon as its head is there; null: the answer is the target.
   * @param greeting what it says on each new connection before it was asked anything.
   */
  constructor(scriptOf: (target: string) => Script | null, greeting = "") {
    this.#scriptOf = scriptOf;
    this.#greeting = greeting;
  }

  async start(): Promise<number> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    return (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }

  #serve(socket: Socket): void {
    this.sockets.add(socket);
    let pending = "";
    let isPlayed = false;
    socket.setNoDelay();
    socket.on("error", () => socket.destroy());
    socket.on("close", () => this.sockets.delete(socket));
    socket.on("data", (chunk: Buffer) => {
      pending += chunk.toString("latin1");
      for (;;) {
        const head = takeHead(pending);
        if (head === null) return;
        if (head === "garbage") return void socket.destroy();
        const [, target = ""] = head.startLine.split(" ");
        const script = this.#scriptOf(target);
        if (script !== null && !isPlayed) play(socket, script);
        isPlayed = script !== null;
        const body = takeBody(pending.slice(head.byteCount), head.fields);
        if (body === null) return;
        if (body === "garbage") return void socket.destroy();
        pending = pending.slice(head.byteCount + body.byteCount);
        isPlayed = false;
        if (script === null) socket.write(answerOf(target), "latin1");
      }
    });
    if (this.#greeting !== "") socket.write(this.#greeting, "latin1");
  }
}

export function answerOf(body: string): string {
  return `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
}

function play(socket: Socket, { bytes, endless, then }: Script): void {
  if (then === "close") return void socket.end(bytes, "latin1");
  if (then === "reset") return void socket.write(bytes, "latin1", () => socket.resetAndDestroy());
  if (endless === undefined) return void socket.write(bytes, "latin1");
  const piece = Buffer.from(endless.repeat(Math.ceil(16_384 / endless.length)), "latin1");
  const goOn = (): void => {
    if (socket.writable) socket.write(piece, goOn);
  };
  socket.write(bytes, "latin1", goOn);
}
