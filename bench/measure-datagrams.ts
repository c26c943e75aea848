import { runChild } from "./child.ts";
import type { Datagrams } from "./load/datagrams.ts";
import type { DatagramsJob } from "./load/job.ts";
import { measureIdleMemory } from "./measure-memory.ts";
import type { RunningPath } from "./paths/path.ts";

const LOAD_SCRIPT = new URL("load/main.ts", import.meta.url).pathname;
const CALM_PER_SECOND = 1_000;
const FIRST_PER_SECOND = 4_000;
const STEP = 1.25;
const RATES_MAX = 20;
/** Below this share of the asked rate the generator is what is slow. */
const KEPT_UP = 0.95;

export interface DatagramFigures {
  /** The highest rate tried at which everything came back. */
  readonly losslessPerSecond: number;
  /** The first rate with loss, and how much of it; null when the generator could not send more. */
  readonly lossy: { readonly perSecond: number; readonly lossPercent: number } | null;
  /** At a rate that troubles nobody. */
  readonly calm: { readonly p50Us: number; readonly p99Us: number };
  /** Null where there is nothing in between. */
  readonly kibPerAssociation: number | null;
}

/** Echoes of 64 bytes at growing fixed rates until the first is lost. @returns null where UDP is not carried. */
export async function measureDatagramsOf(
  path: RunningPath,
  seconds: number,
  onStep: (what: string) => void,
): Promise<DatagramFigures | null> {
  const { udpPort } = path;
  if (udpPort === null) return null;
  const load = (perSecond: number): Promise<Datagrams> => {
    onStep(`${perSecond} datagrams a second`);
    const job: DatagramsJob = { kind: "datagrams", port: udpPort, perSecond, seconds };
    return runChild<Datagrams>({ script: LOAD_SCRIPT, args: [JSON.stringify(job)] });
  };
  onStep("memory of associations");
  const kibPerAssociation =
    path.pids.length === 0
      ? null
      : await measureIdleMemory(path.pids, { port: udpPort, load: "associations" });
  const { p50Us, p99Us } = await load(CALM_PER_SECOND);
  let losslessPerSecond = 0;
  let lossy: DatagramFigures["lossy"] = null;
  let perSecond = FIRST_PER_SECOND;
  for (let tried = 0; tried < RATES_MAX && lossy === null; tried += 1) {
    const ran = await load(Math.round(perSecond));
    if (ran.echoed === ran.sent) losslessPerSecond = Math.round(ran.perSecond);
    else lossy = { perSecond: ran.perSecond, lossPercent: (1 - ran.echoed / ran.sent) * 100 };
    if (ran.perSecond < perSecond * KEPT_UP) break;
    perSecond *= STEP;
  }
  return { losslessPerSecond, lossy, calm: { p50Us, p99Us }, kibPerAssociation };
}
