import { once } from "node:events";
import { connectTo } from "../static-read-socket.ts";
import { REQUEST } from "../wire.ts";
import type { RoundTripJob } from "./job.ts";

const MESSAGE = Buffer.alloc(64, 0x2e);
const WARM_UP_COUNT = 200;

export interface RoundTrip {
  readonly p50Us: number;
  readonly p99Us: number;
  readonly count: number;
}

/** How long 64 bytes take to the service and back, one after the other on one connection. */
export async function measureRoundTrip(job: RoundTripJob): Promise<RoundTrip> {
  const timesUs: number[] = [];
  const done = Promise.withResolvers<void>();
  let outstanding = 0;
  let sentMs = 0;
  let endMs = Infinity;
  const socket = connectTo(job.port, (view) => {
    outstanding -= view.length;
    if (outstanding > 0) return;
    const nowMs = performance.now();
    timesUs.push((nowMs - sentMs) * 1000);
    if (nowMs > endMs) done.resolve();
    else send();
  });
  const send = (): void => {
    outstanding = MESSAGE.length;
    sentMs = performance.now();
    socket.write(MESSAGE);
  };
  await once(socket, "connect");
  socket.write(Buffer.of(REQUEST.echo));
  endMs = performance.now() + job.seconds * 1000;
  send();
  await done.promise;
  socket.destroy();
  const sorted = timesUs.slice(Math.min(WARM_UP_COUNT, timesUs.length >> 2)).sort((a, b) => a - b);
  return { p50Us: quantile(sorted, 0.5), p99Us: quantile(sorted, 0.99), count: sorted.length };
}

/** @returns 0 when nothing was measured. */
export function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}
