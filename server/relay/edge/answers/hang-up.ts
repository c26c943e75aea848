import type { Duplex } from "node:stream";

/** How long a client may take to hang up once it was sent everything, milliseconds. A choice. */
const GOODBYE_MS = 5_000;

/**
 * Ends a connection that is no longer HTTP's, once what was written is sent. What still comes is read and dropped: closing
 * over unread bytes resets the connection, and the client would lose its answer.
 */
export function hangUp(socket: Duplex): void {
  socket.once("finish", () => {
    const timer = setTimeout(() => socket.destroy(), GOODBYE_MS);
    socket.once("close", () => clearTimeout(timer));
  });
  socket.end();
  socket.resume();
}
