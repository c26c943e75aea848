import { setTimeout as sleep } from "node:timers/promises";
import { type RunningChild, runChild, startChild } from "../child.ts";
import type { Job, WebSocketsHoldJob } from "../load/job.ts";
import type { CrowdFigures, WebSocketFigures } from "../load/web-sockets.ts";
import { SETTLE_MS } from "../measure-memory.ts";
import { processorMs, residentKib } from "../process-figures.ts";
import type { HttpMeasureOptions } from "./measure-http.ts";
import type { NamedHttpPath } from "./paths.ts";

const LOAD_SCRIPT = new URL("../load/main.ts", import.meta.url).pathname;
const HELD = 1_000;
const WARM_UP = 100;
const CROWD = 100;
/** Of all of the crowd together. */
const CROWD_PER_SECOND = 1_000;

export interface HeldMemory {
  readonly held: number;
  /** Null where there is nothing in between. */
  readonly kibEach: number | null;
}

export interface WebSocketPathFigures extends HeldMemory {
  readonly one: WebSocketFigures;
  /** Of a hundred at a modest rate. */
  readonly crowd: CrowdFigures;
  /** Of one core, with 100 WebSockets that send a message a second each; null where there is nothing in between. */
  readonly busyPercent: number | null;
}

/** Memory of each of many WebSockets, of all processes in between. To be measured first, while the heaps are small. */
export async function measureHeld(
  { name, target, pids }: NamedHttpPath,
  { onStep }: HttpMeasureOptions,
): Promise<HeldMemory> {
  onStep(`${name}: memory of ${HELD} WebSockets`);
  const warmUp = await hold({ target, connections: WARM_UP, isChatty: false });
  await warmUp.stop();
  await sleep(SETTLE_MS);
  const before = await residentKib(pids);
  const holding = await hold({ target, connections: HELD, isChatty: false });
  await sleep(SETTLE_MS);
  const after = await residentKib(pids);
  await holding.stop();
  return { held: HELD, kibEach: pids.length > 0 ? (after - before) / HELD : null };
}

/** All the rest of a path's figures of WebSockets. */
export async function measureWebSockets(
  { name, target, pids }: NamedHttpPath,
  memory: HeldMemory,
  { seconds, onStep }: HttpMeasureOptions,
): Promise<WebSocketPathFigures> {
  onStep(`${name}: one WebSocket`);
  const one = await load<WebSocketFigures>({ kind: "web-socket", target, seconds });
  onStep(`${name}: ${CROWD} WebSockets, ${CROWD_PER_SECOND} messages a second`);
  const crowd = await load<CrowdFigures>({
    kind: "web-socket-crowd",
    target,
    connections: CROWD,
    perSecond: CROWD_PER_SECOND,
    seconds,
  });
  onStep(`${name}: processor time of ${CROWD} WebSockets`);
  const chatty = await hold({ target, connections: CROWD, isChatty: true });
  await sleep(SETTLE_MS);
  const before = await processorMs(pids);
  await sleep(seconds * 1_000);
  const spentMs = (await processorMs(pids)) - before;
  await chatty.stop();
  const busyPercent = pids.length > 0 ? (spentMs / (seconds * 1_000)) * 100 : null;
  return { ...memory, one, crowd, busyPercent };
}

function hold(job: Omit<WebSocketsHoldJob, "kind">): Promise<RunningChild> {
  const asked: Job = { kind: "hold-web-sockets", ...job };
  return startChild({ script: LOAD_SCRIPT, args: [JSON.stringify(asked)] });
}

function load<T>(job: Job): Promise<T> {
  return runChild<T>({ script: LOAD_SCRIPT, args: [JSON.stringify(job)] });
}
