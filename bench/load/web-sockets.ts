import { once } from "node:events";
import { setTimeout as pause } from "node:timers/promises";
import { WebSocket } from "ws";
import type { HttpTarget } from "../http/wire.ts";
import type { WebSocketCrowdJob, WebSocketsHoldJob, WebSocketsJob } from "./job.ts";
import { quantile } from "./round-trip.ts";
import { keepSchedule } from "./schedule.ts";

const MESSAGE = "x".repeat(64);
const WARM_UP_COUNT = 200;
const OPENED_AT_A_TIME = 50;
const BULK = Buffer.alloc(64 * 1024, 1);
/** Of one connection, so that both directions are busy and nothing piles up. */
const BULK_IN_FLIGHT = 16;
/** Of a crowd, before anything counts. */
const CROWD_WARM_UP_MS = 300;
/** Echoes may take so long after the last message. */
const GRACE_MS = 1_000;
const POLL_MS = 20;

export interface WebSocketFigures {
  /** From the first packet of the connection to its 101, milliseconds. */
  readonly connectMs: { readonly p50: number; readonly p99: number };
  readonly p50Us: number;
  readonly p99Us: number;
  /** Of echoed messages of 64 KiB on one connection, in each direction. */
  readonly megabytesPerSecond: number;
}

/** What one WebSocket gets: how fast it opens, how long a small message takes there and back, and bulk. */
export async function measureWebSocket(job: WebSocketsJob): Promise<WebSocketFigures> {
  const connects: number[] = [];
  for (let n = 0; n < 50; n += 1) {
    const beganAt = performance.now();
    const socket = await open(job.target);
    connects.push(performance.now() - beganAt);
    socket.terminate();
  }
  const sorted = connects.sort((a, b) => a - b);
  const socket = await open(job.target);
  const { p50Us, p99Us } = await measureRoundTrips(socket, job.seconds);
  const megabytesPerSecond = await measureBulk(socket, job.seconds);
  socket.terminate();
  const connectMs = { p50: quantile(sorted, 0.5), p99: quantile(sorted, 0.99) };
  return { connectMs, p50Us, p99Us, megabytesPerSecond };
}

async function measureRoundTrips(socket: WebSocket, seconds: number) {
  const timesUs: number[] = [];
  const endsAt = performance.now() + seconds * 1_000;
  let sentAt = 0;
  const done = Promise.withResolvers<void>();
  const send = (): void => {
    sentAt = performance.now();
    socket.send(MESSAGE);
  };
  socket.on("message", () => {
    const now = performance.now();
    timesUs.push((now - sentAt) * 1_000);
    if (now < endsAt) send();
    else done.resolve();
  });
  send();
  await done.promise;
  socket.removeAllListeners("message");
  const sorted = timesUs.slice(Math.min(WARM_UP_COUNT, timesUs.length >> 2)).sort((a, b) => a - b);
  return { p50Us: quantile(sorted, 0.5), p99Us: quantile(sorted, 0.99) };
}

async function measureBulk(socket: WebSocket, seconds: number): Promise<number> {
  let echoed = 0;
  let isOver = false;
  socket.on("message", () => {
    echoed += 1;
    if (!isOver) socket.send(BULK);
  });
  for (let n = 0; n < BULK_IN_FLIGHT; n += 1) socket.send(BULK);
  const beganAt = performance.now();
  await pause(seconds * 1_000);
  isOver = true;
  return (echoed * BULK.byteLength) / 1e6 / ((performance.now() - beganAt) / 1_000);
}

export interface CrowdFigures {
  readonly perSecond: number;
  readonly unanswered: number;
  readonly p50Us: number;
  readonly p99Us: number;
}

/** Small messages at a fixed rate over many connections. Time counts from when a message was due. */
export async function measureWebSocketCrowd(job: WebSocketCrowdJob): Promise<CrowdFigures> {
  const timesUs: number[] = [];
  const members: { readonly socket: WebSocket; readonly due: number[] }[] = [];
  for (let n = 0; n < job.connections; n += 1) {
    const socket = await open(job.target);
    const due: number[] = [];
    // Echoes come back in order.
    socket.on("message", () => timesUs.push((performance.now() - (due.shift() ?? 0)) * 1_000));
    members.push({ socket, due });
  }
  const { perSecond } = job;
  let next = 0;
  const sent = await keepSchedule({
    perSecond,
    seconds: CROWD_WARM_UP_MS / 1_000 + job.seconds,
    onDue: (dueAt) => {
      const member = members[next % members.length];
      next += 1;
      member?.due.push(dueAt);
      member?.socket.send(MESSAGE);
    },
  });
  for (let waitedMs = 0; waitedMs < GRACE_MS && timesUs.length < sent; waitedMs += POLL_MS) {
    await pause(POLL_MS);
  }
  for (const { socket } of members) socket.terminate();
  const unanswered = sent - timesUs.length;
  const sorted = timesUs.slice((CROWD_WARM_UP_MS / 1_000) * perSecond).sort((a, b) => a - b);
  return { perSecond, unanswered, p50Us: quantile(sorted, 0.5), p99Us: quantile(sorted, 0.99) };
}

/** Opens WebSockets that stay as they are, or that each send one small message a second, until the process is stopped. */
export async function holdWebSockets(job: WebSocketsHoldJob): Promise<{ readonly isHeld: 1 }> {
  for (let opened = 0; opened < job.connections; opened += OPENED_AT_A_TIME) {
    const batch = Math.min(OPENED_AT_A_TIME, job.connections - opened);
    await Promise.all(Array.from({ length: batch }, (_, n) => holdOne(job, opened + n)));
  }
  return { isHeld: 1 };
}

async function holdOne({ target, isChatty }: WebSocketsHoldJob, n: number): Promise<void> {
  const socket = await open(target);
  socket.on("error", () => socket.terminate());
  socket.send(MESSAGE);
  await once(socket, "message");
  // Spread over the second.
  if (isChatty) setTimeout(() => setInterval(() => socket.send(MESSAGE), 1_000), n * 10);
}

async function open({ port, host }: HttpTarget): Promise<WebSocket> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/ws`, {
    headers: { Host: host },
    perMessageDeflate: false,
  });
  await once(socket, "open");
  return socket;
}
