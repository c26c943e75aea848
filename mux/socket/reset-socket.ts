import { Socket } from "node:net";
import type { Duplex } from "node:stream";

/**
 * Ends a connection with a reset where it is one of TCP, else at once.
 *
 * Never while Node shuts the sending side down, which takes a turn of the event loop: the reset would fail with EINVAL and
 * lose the handle, so that the connection stays open for ever, its `close` never comes, and the process cannot end.
 */
export function resetSocket(socket: Duplex): void {
  if (!(socket instanceof Socket)) return void socket.destroy();
  const { writableEnded, writableLength, writableFinished } = socket;
  const isShuttingDown = writableEnded && writableLength === 0 && !writableFinished;
  if (!isShuttingDown) return void socket.resetAndDestroy();
  socket.pause();
  socket.once("finish", () => socket.resetAndDestroy());
}
