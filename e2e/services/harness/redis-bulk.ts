import { createHash } from "node:crypto";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { blocksOf } from "../../harness/byte-source.ts";

// Redis' protocol by hand, for values that no test wants to hold.

const DEADLINE_MS = 120_000;

/** Sets a value of so many bytes, those of `expectedHash`. @returns the line that Redis answers. */
export async function setBulk(port: number, key: string, bytes: number): Promise<string> {
  const socket = announce(port, key, bytes);
  const answer = firstLine(socket);
  void send(socket, bytes);
  return answer;
}

/** Says that a value of so many bytes comes, and sends none. @returns the line that Redis answers. */
export function announceBulk(port: number, key: string, bytes: number): Promise<string> {
  return firstLine(announce(port, key, bytes));
}

function announce(port: number, key: string, bytes: number): Socket {
  const socket = connectTo(port);
  socket.write(`*3\r\n$3\r\nSET\r\n$${key.length}\r\n${key}\r\n$${bytes}\r\n`);
  return socket;
}

/** Sends a value as fast as it is taken. */
async function send(socket: Socket, bytes: number): Promise<void> {
  for (const block of blocksOf(bytes)) {
    // A connection that was cut is the reader's to tell of.
    if (!socket.write(block)) await once(socket, "drain").catch(() => undefined);
  }
  socket.write("\r\n");
}

/** Gets a value without keeping it. @returns how many bytes it had, and their SHA-256. */
export async function getBulk(port: number, key: string): Promise<{ bytes: number; hash: string }> {
  const socket = connectTo(port);
  socket.write(`*2\r\n$3\r\nGET\r\n$${key.length}\r\n${key}\r\n`);
  const hash = createHash("sha256");
  let head = Buffer.alloc(0);
  let promised = -1;
  let bytes = 0;
  for await (const chunk of socket as AsyncIterable<Buffer>) {
    let value = chunk;
    if (promised < 0) {
      head = Buffer.concat([head, chunk]);
      const end = head.indexOf("\r\n");
      if (end < 0) continue;
      promised = Number(head.toString("latin1", 1, end));
      value = head.subarray(end + 2);
    }
    const part = value.subarray(0, promised - bytes);
    hash.update(part);
    bytes += part.byteLength;
    // Leaving the loop closes the connection.
    if (bytes === promised) break;
  }
  return { bytes, hash: hash.digest("hex") };
}

function connectTo(port: number): Socket {
  const signal = AbortSignal.timeout(DEADLINE_MS);
  return connect({ host: "127.0.0.1", port, signal }).on("error", () => {});
}

/** Leaves the connection closed. */
async function firstLine(socket: Socket): Promise<string> {
  let heard = "";
  for await (const chunk of socket as AsyncIterable<Buffer>) {
    heard += chunk.toString("latin1");
    const end = heard.indexOf("\r\n");
    if (end >= 0) return heard.slice(0, end);
  }
  throw new Error("Redis closed without an answer");
}
