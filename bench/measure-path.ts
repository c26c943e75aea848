import { setTimeout as sleep } from "node:timers/promises";
import { runChild } from "./child.ts";
import type { ContentCheck } from "./load/check-content.ts";
import type { Goodput } from "./load/goodput.ts";
import type { HoldJob, Job } from "./load/job.ts";
import type { NewConnections } from "./load/new-connections.ts";
import type { RoundTrip } from "./load/round-trip.ts";
import { hold, measureIdleMemory, SETTLE_MS } from "./measure-memory.ts";
import type { RunningPath } from "./paths/path.ts";

const LOAD_SCRIPT = new URL("load/main.ts", import.meta.url).pathname;
const CONNECT_CONCURRENCY = 32;

/** Of TCP. */
export interface ConnectionFigures {
  readonly gigabitsPerSecond: {
    readonly up1: number;
    readonly down1: number;
    readonly up8: number;
    readonly down8: number;
  };
  readonly roundTrip: {
    readonly alone: RoundTrip;
    readonly besideDownload: RoundTrip;
    readonly besideUpload: RoundTrip;
    readonly besideStalledReader: RoundTrip;
  };
  readonly newConnectionsPerSecond: number;
  readonly failedConnections: number;
  /** Null where there is nothing in between. */
  readonly idleKibPerConnection: number | null;
  readonly isContentIntact: boolean;
}

export interface MeasureOptions {
  readonly path: RunningPath;
  /** Of each measurement. */
  readonly seconds: number;
  readonly onStep: (what: string) => void;
}

/** Runs every measurement of TCP on one path, each in a fresh load generator. */
export async function measurePath(options: MeasureOptions): Promise<ConnectionFigures> {
  const { path, seconds, onStep } = options;
  const { port } = path;
  const load = <T>(what: string, job: Job): Promise<T> => {
    onStep(what);
    return runChild<T>({ script: LOAD_SCRIPT, args: [JSON.stringify(job)] });
  };
  const goodput = async (direction: "up" | "down", connections: number): Promise<number> => {
    const job: Job = { kind: "goodput", port, direction, connections, seconds };
    return (await load<Goodput>(`${direction} × ${connections}`, job)).gigabitsPerSecond;
  };
  const roundTrip = (what: string): Promise<RoundTrip> =>
    load(`round trip ${what}`, { kind: "round-trip", port, seconds });

  // First, while the heaps are small: later, idle connections would live in memory that bulk transfers left free.
  onStep("idle memory");
  const idleKibPerConnection =
    path.pids.length === 0 ? null : await measureIdleMemory(path.pids, { port, load: "idle" });
  const check = await load<ContentCheck>("checked content", { kind: "check", port });
  const gigabitsPerSecond = {
    up1: await goodput("up", 1),
    down1: await goodput("down", 1),
    up8: await goodput("up", 8),
    down8: await goodput("down", 8),
  };
  const beside = async (held: HoldJob["load"]): Promise<RoundTrip> => {
    const background = await hold({ kind: "hold", port, connections: 1, load: held });
    await sleep(SETTLE_MS);
    const figures = await roundTrip(`beside ${held}`);
    await background.stop();
    return figures;
  };
  const roundTrips = {
    alone: await roundTrip("alone"),
    besideDownload: await beside("download"),
    besideUpload: await beside("upload"),
    besideStalledReader: await beside("stalled"),
  };
  const opened = await load<NewConnections>("new connections", {
    kind: "new-connections",
    port,
    seconds,
    concurrency: CONNECT_CONCURRENCY,
  });
  return {
    gigabitsPerSecond,
    roundTrip: roundTrips,
    newConnectionsPerSecond: opened.perSecond,
    failedConnections: opened.failed,
    idleKibPerConnection,
    isContentIntact: check.isIntact,
  };
}
