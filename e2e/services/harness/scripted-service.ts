import type { Socket } from "node:net";
import { takeBody, takeHead } from "./http1-message.ts";
import { TcpService } from "./tcp-service.ts";

/** What a service sends for one request, one character a byte. */
export interface Script {
  readonly bytes: string;
  /** Follows again and again, for as long as somebody takes it. */
  readonly endless?: string;
  /** By default the connection stays open. */
  readonly then?: "close" | "reset";
}

/** A service by HTTP/1.1 that answers some requests by the book, and others as it was told. */
export class ScriptedService extends TcpService {
  readonly #scriptOf: (target: string) => Script | null;
  readonly #greeting: string;

  /**
   * @param scriptOf by the request's target, as soon as its head is there; null: the answer is the target.
   * @param greeting what it says on each new connection before it was asked anything.
   */
  constructor(scriptOf: (target: string) => Script | null, greeting = "") {
    super();
    this.#scriptOf = scriptOf;
    this.#greeting = greeting;
  }

  protected override serve(socket: Socket): void {
    let pending = "";
    let isPlayed = false;
    socket.setNoDelay();
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
