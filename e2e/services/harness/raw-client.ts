import { connect, type Socket } from "node:net";
import type { Site } from "./http-lab.ts";

const DEADLINE_MS = 15_000;

export interface RawAnswer {
  readonly bytes: Buffer;
  /** Who ended the connection: the other side, or we, once we had seen enough. */
  readonly isClosedByPeer: boolean;
}

export interface RawOptions {
  /** Whether what came so far is all that is waited for; by default only the other side's end is. */
  readonly isEnough?: (received: Buffer) => boolean;
  /** Says nothing more once everything is sent. */
  readonly isHalfClosed?: boolean;
  /** Is sent once something was answered. */
  readonly later?: string;
}

/** Sends bytes as they are on a connection of its own, and reads until it is enough or the other side hangs up. */
export function exchangeRaw(
  { port }: Site,
  bytes: Uint8Array | string,
  { isEnough = () => false, isHalfClosed = false, later }: RawOptions = {},
): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true, noDelay: true });
    const parts: Buffer[] = [];
    const timer = setTimeout(() => {
      socket.destroy();
      reject(new Error(`no end in time, so far: ${text()}`));
    }, DEADLINE_MS);
    const received = () => Buffer.concat(parts);
    const text = () => received().toString("latin1").slice(0, 500);
    const finish = (isClosedByPeer: boolean) => {
      clearTimeout(timer);
      socket.destroy();
      resolve({ bytes: received(), isClosedByPeer });
    };
    socket.on("data", (chunk: Buffer) => {
      if (parts.push(chunk) === 1 && later !== undefined) socket.write(later, "latin1");
      if (isEnough(received())) finish(false);
    });
    // A reset is an end like any other here: it may meet us while we still send.
    socket.on("error", () => finish(true));
    socket.on("end", () => finish(true));
    send(socket, bytes, isHalfClosed);
  });
}

function send(socket: Socket, bytes: Uint8Array | string, isHalfClosed: boolean): void {
  const buffer = typeof bytes === "string" ? Buffer.from(bytes, "latin1") : bytes;
  socket.once("connect", () => {
    if (isHalfClosed) socket.end(buffer);
    else socket.write(buffer);
  });
}

/** Status codes of the answers that came on one connection, interim ones included. */
export function statusesOf({ bytes }: RawAnswer): number[] {
  return [...bytes.toString("latin1").matchAll(/HTTP\/1\.[01] (\d{3}) /g)].map(([, status]) =>
    Number(status),
  );
}
