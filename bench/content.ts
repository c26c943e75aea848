import { createHash, type Hash } from "node:crypto";
import type { Socket } from "node:net";
import { BULK_CHUNK_BYTES } from "./wire.ts";

/** Of the checked run, each way. */
export const CHECKED_BYTES = 256 * 1024 * 1024;

/** A piece of the checked content: it differs from every other, so that loss, repetition and reordering all show. */
function pieceOf(index: number): Buffer {
  const piece = Buffer.alloc(BULK_CHUNK_BYTES);
  for (let at = 0; at < piece.length; at += 8) {
    piece.writeUInt32LE((at * 2654435761 + index) >>> 0, at);
    piece.writeUInt32LE(index, at + 4);
  }
  return piece;
}

/** Sends the checked content, keeping to the socket's pace. */
export function sendContent(socket: Socket, onSent: () => void): void {
  let index = 0;
  const send = (): void => {
    while (index * BULK_CHUNK_BYTES < CHECKED_BYTES) {
      const hasRoom = socket.write(pieceOf(index));
      index += 1;
      if (!hasRoom) {
        socket.once("drain", send);
        return;
      }
    }
    onSent();
  };
  send();
}

/** The digest of the checked content, made without any network. */
export function digestOfContent(): Buffer {
  const hash: Hash = createHash("sha256");
  for (let index = 0; index * BULK_CHUNK_BYTES < CHECKED_BYTES; index += 1) {
    hash.update(pieceOf(index));
  }
  return hash.digest();
}
