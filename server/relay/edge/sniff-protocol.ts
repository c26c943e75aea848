import type { Socket } from "node:net";

/** A connection on which nobody says anything is dropped after this, milliseconds. */
const FIRST_BYTES_TIMEOUT_MS = 15_000;
/** How HTTP/2 begins where nothing was agreed on before (RFC 9113 section 3.4); no method of HTTP/1 is called so. */
const PREFACE = Buffer.from("PRI ", "latin1");

/** Looks at a connection's first bytes, puts them back, and says which protocol they are of. */
export function sniffProtocol(socket: Socket, onKnown: (protocol: "http1" | "h2c") => void): void {
  const onError = (): void => {
    // It closes next; there is nobody to tell.
  };
  const onTimeout = (): void => void socket.destroy();
  const settle = (protocol: "http1" | "h2c"): void => {
    socket.off("readable", onReadable);
    socket.off("error", onError);
    socket.off("timeout", onTimeout);
    socket.setTimeout(0);
    onKnown(protocol);
  };
  let first = Buffer.alloc(0);
  const onReadable = (): void => {
    const more: unknown = socket.read();
    // Null at the end: it did not say enough, and will not.
    if (!Buffer.isBuffer(more)) return void socket.destroy();
    first = Buffer.concat([first, more]);
    const known = first.subarray(0, PREFACE.byteLength);
    const isHttp2 = known.equals(PREFACE.subarray(0, known.byteLength));
    if (isHttp2 && known.byteLength < PREFACE.byteLength) return;
    // Not before it is known: what is put back is readable at once, again and again, and nothing else would get a turn.
    socket.unshift(first);
    settle(isHttp2 ? "h2c" : "http1");
  };
  socket.on("error", onError);
  socket.on("readable", onReadable);
  socket.on("timeout", onTimeout);
  socket.setTimeout(FIRST_BYTES_TIMEOUT_MS);
}
