import type { Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { connectTo } from "../static-read-socket.ts";
import { BULK_CHUNK_BYTES, REQUEST } from "../wire.ts";
import type { GoodputJob } from "./job.ts";

/** Not measured: windows open, processors warm up. */
const WARM_UP_MS = 700;

export interface Goodput {
  readonly gigabitsPerSecond: number;
}

/** How fast payload arrives at its receiver, all connections together. */
export async function measureGoodput(job: GoodputJob): Promise<Goodput> {
  const transfers = Array.from({ length: job.connections }, () =>
    job.direction === "down" ? startDownload(job.port) : startUpload(job.port),
  );
  await sleep(WARM_UP_MS);
  const [startBytes, startMs] = [sum(transfers), performance.now()];
  await sleep(job.seconds * 1000);
  const [bytes, ms] = [sum(transfers) - startBytes, performance.now() - startMs];
  for (const { socket } of transfers) socket.destroy();
  return { gigabitsPerSecond: (bytes * 8) / ms / 1e6 };
}

export interface Transfer {
  readonly socket: Socket;
  /** Payload that has arrived at its receiver. */
  readonly received: { bytes: number };
}

function sum(transfers: readonly Transfer[]): number {
  return transfers.reduce((total, { received }) => total + received.bytes, 0);
}

export function startDownload(port: number): Transfer {
  const received = { bytes: 0 };
  const socket = connectTo(port, (view) => {
    received.bytes += view.length;
  });
  socket.write(Buffer.of(REQUEST.source));
  return { socket, received };
}

/** The receiver counts and reports, since what a sender has written may sit in buffers anywhere. */
export function startUpload(port: number): Transfer {
  const received = { bytes: 0 };
  const socket = connectTo(port, (view) => {
    received.bytes = Number(view.readBigUInt64LE(view.length - 8));
  });
  const chunk = Buffer.alloc(BULK_CHUNK_BYTES, 0xa5);
  const send = (): void => {
    while (!socket.destroyed && socket.write(chunk));
  };
  socket.on("drain", send);
  socket.write(Buffer.of(REQUEST.sink));
  send();
  return { socket, received };
}
