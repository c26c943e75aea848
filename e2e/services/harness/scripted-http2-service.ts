import type { Socket } from "node:net";
import {
  encodeBlock,
  encodeFrame,
  FLAG,
  type Frame,
  PREFACE,
  readFrame,
  TYPE,
} from "#server/relay/edge/testing/http2-frames.ts";
import { TcpService } from "./tcp-service.ts";

/** What a service sends for one request. */
export interface Http2Script {
  /** Frames, for the stream of the request. */
  readonly frames: (streamId: number) => readonly Buffer[];
  /** Follow again and again, for as long as somebody takes them. */
  readonly endless?: (streamId: number) => readonly Buffer[];
  /** By default the connection stays open. */
  readonly then?: "close" | "reset";
}

/**
 * A service by HTTP/2 with prior knowledge that answers some requests by the book, and others as it was told. It knows
 * requests by their bodies, for which no compression has to be undone.
 */
export class ScriptedHttp2Service extends TcpService {
  /** Streams that the other side reset. */
  resets = 0;
  readonly #scriptOf: (body: string) => Http2Script | null;
  readonly #isSettled: boolean;

  /**
   * @param scriptOf by the request's body, once it is whole; null: the answer is the body.
   * @param isSettled it agrees to the other side's settings.
   */
  constructor(scriptOf: (body: string) => Http2Script | null, isSettled = true) {
    super();
    this.#scriptOf = scriptOf;
    this.#isSettled = isSettled;
  }

  protected override serve(socket: Socket): void {
    let pending = Buffer.alloc(0);
    let isGreeted = false;
    const bodies = new Map<number, string>();
    socket.setNoDelay();
    socket.on("data", (chunk: Buffer) => {
      pending = Buffer.concat([pending, chunk]);
      if (!isGreeted) {
        if (pending.byteLength < PREFACE.byteLength) return;
        pending = pending.subarray(PREFACE.byteLength);
        isGreeted = true;
      }
      for (let frame = readFrame(pending); frame !== null; frame = readFrame(pending)) {
        pending = pending.subarray(frame.byteLength);
        this.#onFrame(socket, frame, bodies);
      }
    });
    socket.write(encodeFrame(TYPE.settings, 0, 0));
  }

  #onFrame(socket: Socket, frame: Frame, bodies: Map<number, string>): void {
    const { type, flags, streamId, payload } = frame;
    if (this.#isSettled && type === TYPE.settings && (flags & FLAG.ack) === 0) {
      socket.write(encodeFrame(TYPE.settings, FLAG.ack, 0));
    }
    if (type === TYPE.resetStream) this.resets += 1;
    if (type !== TYPE.data) return;
    const body = (bodies.get(streamId) ?? "") + payload.toString("latin1");
    bodies.set(streamId, body);
    if ((flags & FLAG.endStream) === 0) return;
    bodies.delete(streamId);
    const script = this.#scriptOf(body);
    if (script !== null) return play(socket, streamId, script);
    socket.write(encodeBlock(streamId, [[":status", "200"]], false));
    socket.write(encodeFrame(TYPE.data, FLAG.endStream, streamId, payload));
  }
}

function play(socket: Socket, streamId: number, { frames, endless, then }: Http2Script): void {
  const bytes = Buffer.concat(frames(streamId));
  if (then === "close") return void socket.end(bytes);
  if (then === "reset") return void socket.write(bytes, () => socket.resetAndDestroy());
  if (endless === undefined) return void socket.write(bytes);
  const goOn = (): void => {
    if (socket.writable) socket.write(Buffer.concat(endless(streamId)), goOn);
  };
  socket.write(bytes, goOn);
}
