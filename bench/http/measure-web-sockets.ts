import { setTimeout as sleep } from "node:timers/promises";
import { type RunningChild, runChild, startChild } from "../child.ts";
import type { Job, WebSocketsHoldJob } from "../load/job.ts";
import type { CrowdFigures, WebSocketFigures } from "../load/web-sockets.ts";
import { SETTLE_MS } from "../measure-memory.ts";
import { processorMs, residentKib } from "../process-figures.ts";
import type { Lineup } from "./lineup.ts";
import type { NamedHttpPath } from "./paths.ts";

const LOAD_SCRIPT = new URL("../load/main.ts", import.meta.url).pathname;
const HELD = 1_000;
const WARM_UP = 100;
const ROUNDS = 3;
const CROWD = 100;
/** Of all of the crowd together. */
const CROWD_PER_SECOND = 1_000;

/** Processor time is known in steps of 10 ms. */
const PROCESSOR_MS = 5_000;

interface HeldMemory {
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

/** @returns figures by the path's name. */
export async function measureWebSockets(
  lineup: Lineup,
  seconds: number,
): Promise<ReadonlyMap<string, WebSocketPathFigures>> {
  const memory = await lineup.each(`memory of ${HELD} WebSockets`, measureHeld);
  const busy = await lineup.each(`processor time of ${CROWD} WebSockets`, measureBusy);
  const one = await lineup.medians("one WebSocket", ROUNDS, ({ target }) =>
    load<WebSocketFigures>({ kind: "web-socket", target, seconds }),
  );
  const crowd = await lineup.medians(
    `${CROWD} WebSockets, ${CROWD_PER_SECOND} messages a second`,
    ROUNDS,
    ({ target }) =>
      load<CrowdFigures>({
        kind: "web-socket-crowd",
        target,
        connections: CROWD,
        perSecond: CROWD_PER_SECOND,
        seconds,
      }),
  );
  const figures = new Map<string, WebSocketPathFigures>();
  for (const name of lineup.names) {
    const [held, alone, together] = [memory.get(name), one.get(name), crowd.get(name)];
    if (held === undefined || alone === undefined || together === undefined) continue;
    figures.set(name, {
      ...held,
      one: alone,
      crowd: together,
      busyPercent: busy.get(name) ?? null,
    });
  }
  return figures;
}

async function measureHeld({ target, pids }: NamedHttpPath): Promise<HeldMemory> {
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

/** @returns null where there is nothing in between. */
async function measureBusy({ target, pids }: NamedHttpPath): Promise<number | null> {
  if (pids.length === 0) return null;
  const chatty = await hold({ target, connections: CROWD, isChatty: true });
  await sleep(SETTLE_MS);
  const before = await processorMs(pids);
  await sleep(PROCESSOR_MS);
  const spentMs = (await processorMs(pids)) - before;
  await chatty.stop();
  return (spentMs / PROCESSOR_MS) * 100;
}

function hold(job: Omit<WebSocketsHoldJob, "kind">): Promise<RunningChild> {
  const asked: Job = { kind: "hold-web-sockets", ...job };
  return startChild({ script: LOAD_SCRIPT, args: [JSON.stringify(asked)] });
}

function load<T>(job: Job): Promise<T> {
  return runChild<T>({ script: LOAD_SCRIPT, args: [JSON.stringify(job)] });
}
