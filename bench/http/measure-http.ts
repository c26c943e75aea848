import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { type RunningChild, runChild, startChild } from "../child.ts";
import type { HttpMaximum, HttpRate } from "../load/http-rate.ts";
import type { Job, WebSocketsHoldJob } from "../load/job.ts";
import type { WebSocketFigures } from "../load/web-sockets.ts";
import { residentKib, SETTLE_MS } from "../measure-memory.ts";
import { HTTP_PATHS, type RunningHttpPath } from "./paths.ts";
import { BODY_BYTES, type BodyPath, type HttpTarget } from "./wire.ts";

const LOAD_SCRIPT = new URL("../load/main.ts", import.meta.url).pathname;
const PATHS = Object.keys(BODY_BYTES) as BodyPath[];
/** Of what the slowest path can do at most, so that all are asked at the same rates. */
const RATE_SHARES = [0.25, 0.5] as const;
const HELD_WEB_SOCKETS = 1_000;
const WARM_UP_WEB_SOCKETS = 100;
const CHATTY_WEB_SOCKETS = 100;
/** Of a second of `/proc/<pid>/stat`; what Linux says to user space is always this. */
const TICKS_PER_SECOND = 100;

export interface HttpFigures {
  readonly path: string;
  /** Requests a second at most, by what is asked for. */
  readonly maximum: Readonly<Record<BodyPath, number>>;
  /** At fixed rates, the same for every path. */
  readonly rates: readonly HttpRate[];
  readonly webSocket: WebSocketFigures;
  /** Null where there is nothing in between. */
  readonly kibPerWebSocket: number | null;
  readonly webSocketsHeld: number;
  /** Of one core, with 100 WebSockets that send a message a second each; null where there is nothing in between. */
  readonly busyPercent: number | null;
}

type First = Pick<HttpFigures, "path" | "maximum" | "kibPerWebSocket">;

export interface HttpMeasureOptions {
  /** Of each measurement. */
  readonly seconds: number;
  readonly onStep: (what: string) => void;
  readonly onFailure: (path: string, error: unknown) => void;
}

/** Measures every path, each with a service and a load generator of its own. */
export async function measureHttp(options: HttpMeasureOptions): Promise<HttpFigures[]> {
  const service = await startChild({ script: new URL("service.ts", import.meta.url).pathname });
  const running: { readonly name: string; readonly path: RunningHttpPath }[] = [];
  try {
    for (const httpPath of HTTP_PATHS) {
      const { name } = httpPath;
      try {
        const path = await httpPath.start(service.ready["port"] ?? 0);
        if (path === null) options.onStep(`${name} is not installed`);
        else running.push({ name, path });
      } catch (error) {
        options.onFailure(name, error);
      }
    }
    const firsts: First[] = [];
    for (const { name, path } of running) firsts.push(await measureMaxima(name, path, options));
    const slowest = Math.min(...firsts.map(({ maximum }) => maximum["/small"]));
    const figures: HttpFigures[] = [];
    for (const [index, { path }] of running.entries()) {
      const first = firsts[index];
      if (first !== undefined)
        figures.push(await measureRest(first, path, { ...options, slowest }));
    }
    return figures;
  } finally {
    for (const { path } of running.reverse()) await path.stop();
    await service.stop();
  }
}

function load<T>(job: Job): Promise<T> {
  return runChild<T>({ script: LOAD_SCRIPT, args: [JSON.stringify(job)] });
}

async function measureMaxima(
  name: string,
  { target, pids }: RunningHttpPath,
  { seconds, onStep }: HttpMeasureOptions,
): Promise<First> {
  // While the heaps are small: later, WebSockets would live in memory that requests left free.
  onStep(`${name}: memory of ${HELD_WEB_SOCKETS} WebSockets`);
  const kibPerWebSocket = await measureMemory(target, pids);
  const maximum: Record<BodyPath, number> = { "/small": 0, "/large": 0 };
  for (const path of PATHS) {
    onStep(`${name}: requests a second, ${BODY_BYTES[path]} bytes`);
    const job: Job = { kind: "http-maximum", target, path, seconds };
    maximum[path] = (await load<HttpMaximum>(job)).perSecond;
  }
  return { path: name, maximum, kibPerWebSocket: pids.length > 0 ? kibPerWebSocket : null };
}

async function measureRest(
  first: First,
  { target, pids }: RunningHttpPath,
  { seconds, onStep, slowest }: HttpMeasureOptions & { readonly slowest: number },
): Promise<HttpFigures> {
  const rates: HttpRate[] = [];
  for (const share of RATE_SHARES) {
    const perSecond = Math.round(slowest * share);
    onStep(`${first.path}: ${perSecond} requests a second`);
    rates.push(await load({ kind: "http-rate", target, path: "/small", perSecond, seconds }));
  }
  onStep(`${first.path}: one WebSocket`);
  const webSocket = await load<WebSocketFigures>({ kind: "web-socket", target, seconds });
  onStep(`${first.path}: ${CHATTY_WEB_SOCKETS} WebSockets that talk`);
  const chatty = await hold({ target, connections: CHATTY_WEB_SOCKETS, isChatty: true });
  await sleep(SETTLE_MS);
  const ticksBefore = await readTicks(pids);
  await sleep(seconds * 1_000);
  const ticks = (await readTicks(pids)) - ticksBefore;
  await chatty.stop();
  return {
    ...first,
    rates,
    webSocket,
    webSocketsHeld: HELD_WEB_SOCKETS,
    busyPercent: pids.length > 0 ? (ticks / TICKS_PER_SECOND / seconds) * 100 : null,
  };
}

function hold(job: Omit<WebSocketsHoldJob, "kind">): Promise<RunningChild> {
  const asked: Job = { kind: "hold-web-sockets", ...job };
  return startChild({ script: LOAD_SCRIPT, args: [JSON.stringify(asked)] });
}

/** @returns KiB that each of many WebSockets costs these processes together. */
async function measureMemory(target: HttpTarget, pids: readonly number[]): Promise<number> {
  const warmUp = await hold({ target, connections: WARM_UP_WEB_SOCKETS, isChatty: false });
  await warmUp.stop();
  await sleep(SETTLE_MS);
  const before = await residentKib(pids);
  const held = await hold({ target, connections: HELD_WEB_SOCKETS, isChatty: false });
  await sleep(SETTLE_MS);
  const after = await residentKib(pids);
  await held.stop();
  return (after - before) / HELD_WEB_SOCKETS;
}

/** Processor time that these processes have had so far. */
async function readTicks(pids: readonly number[]): Promise<number> {
  const texts = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/stat`, "utf8")));
  return texts.reduce((sum, text) => {
    // Fields 14 and 15, counted from behind the name, which may hold anything.
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    return sum + Number(fields[11]) + Number(fields[12]);
  }, 0);
}
