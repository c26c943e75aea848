import { setTimeout as sleep } from "node:timers/promises";
import { startChild, type RunningChild } from "./child.ts";
import type { HoldJob } from "./load/job.ts";
import { residentKib } from "./process-figures.ts";

const LOAD_SCRIPT = new URL("load/main.ts", import.meta.url).pathname;
/** Opened and closed before memory is measured, so that code and caches of the first connections do not count. */
const WARM_UP_CONNECTIONS = 200;
const IDLE_CONNECTIONS = 1000;
/** A background load has filled every buffer by then. */
export const SETTLE_MS = 1000;

export function hold(job: HoldJob): Promise<RunningChild> {
  return startChild({ script: LOAD_SCRIPT, args: [JSON.stringify(job)] });
}

/** @returns KiB that each of many idle connections costs these processes together. */
export async function measureIdleMemory(
  pids: readonly number[],
  held: Pick<HoldJob, "port" | "load">,
): Promise<number> {
  const warmUp = await hold({ kind: "hold", ...held, connections: WARM_UP_CONNECTIONS });
  await warmUp.stop();
  await sleep(SETTLE_MS);
  const before = await residentKib(pids);
  const running = await hold({ kind: "hold", ...held, connections: IDLE_CONNECTIONS });
  await sleep(SETTLE_MS);
  const after = await residentKib(pids);
  await running.stop();
  return (after - before) / IDLE_CONNECTIONS;
}
