import { connect } from "node:net";
import { decodeStatus } from "#server/relay/edge/testing/hpack.ts";
import {
  encodeConnection,
  encodeFrame,
  FLAG,
  type Frame,
  type Http2Request,
  readFrame,
  TYPE,
} from "#server/relay/edge/testing/http2-frames.ts";
import type { Site } from "./http-lab.ts";

const DEADLINE_MS = 10_000;
/** Of HEADERS; nghttp2 sends neither. */
const PADDED_OR_PRIORITY = 0x28;

/** How one stream ended: an answer's status, or that the edge broke the stream or the connection off. */
export type Http2Outcome =
  | { readonly kind: "answer"; readonly status: number }
  | { readonly kind: "reset" | "goaway" | "closed" };

/** Sends one request on a connection of its own. @returns how it ended. */
export function exchangeHttp2({ port }: Site, request: Http2Request): Promise<Http2Outcome> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: "127.0.0.1", noDelay: true });
    let pending = Buffer.alloc(0);
    const finish = (outcome: Http2Outcome) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(outcome);
    };
    const timer = setTimeout(() => {
      socket.destroy();
      reject(new Error("no answer in time"));
    }, DEADLINE_MS);
    socket.on("error", () => finish({ kind: "closed" }));
    socket.on("close", () => finish({ kind: "closed" }));
    socket.on("data", (chunk: Buffer) => {
      pending = Buffer.concat([pending, chunk]);
      for (let frame = readFrame(pending); frame !== null; frame = readFrame(pending)) {
        pending = pending.subarray(frame.byteLength);
        if (isSettings(frame)) socket.write(encodeFrame(TYPE.settings, FLAG.ack, 0));
        const outcome = toOutcome(frame);
        if (outcome !== null) return finish(outcome);
      }
    });
    socket.write(encodeConnection(request));
  });
}

function isSettings({ type, flags }: Frame): boolean {
  return type === TYPE.settings && (flags & FLAG.ack) === 0;
}

function toOutcome({ type, flags, payload }: Frame): Http2Outcome | null {
  if (type === TYPE.resetStream) return { kind: "reset" };
  if (type === TYPE.goAway) return { kind: "goaway" };
  if (type !== TYPE.headers) return null;
  if ((flags & PADDED_OR_PRIORITY) !== 0) throw new Error("padding is not read here");
  return { kind: "answer", status: decodeStatus(payload) };
}
