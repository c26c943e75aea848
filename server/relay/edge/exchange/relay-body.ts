import { constants } from "node:http2";
import type { Readable, Writable } from "node:stream";

export interface BodyRelay {
  readonly from: Readable;
  readonly to: Writable;
  /** Sees each chunk before it goes on. */
  readonly onChunk: (chunk: Uint8Array) => void;
  /** The body is whole. What ends otherwise is heard by whoever owns the two sides. */
  readonly onEnd: () => void;
}

/**
 * Moves a body with back-pressure. Not `pipeline`: ends differ by side, trailers follow, and bytes are counted.
 *
 * @returns stops moving. What comes afterwards is dropped: left unread it would keep its sender, and whatever else shares the
 * connection, waiting. Idempotent.
 */
export function relayBody({ from, to, onChunk, onEnd }: BodyRelay): () => void {
  const onData = (chunk: Uint8Array): void => {
    onChunk(chunk);
    if (!to.write(chunk)) from.pause();
  };
  const onReadAll = (): void => {
    if (!isBrokenOff(from)) onEnd();
  };
  const onDrain = (): void => void from.resume();
  from.on("data", onData);
  from.on("end", onReadAll);
  to.on("drain", onDrain);
  return () => {
    from.off("data", onData);
    from.off("end", onReadAll);
    to.off("drain", onDrain);
    from.resume();
  };
}

/**
 * Node lets a stream of HTTP/2 that was reset, or whose connection is gone, end like one that is whole. The code tells
 * them apart; that it is destroyed does not, for a whole one whose bytes came all at once may be, too.
 */
function isBrokenOff(body: Readable): boolean {
  return "rstCode" in body && body.rstCode !== constants.NGHTTP2_NO_ERROR;
}
