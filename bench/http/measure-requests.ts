import { runChild } from "../child.ts";
import type { HttpMaximum, HttpRate } from "../load/http-rate.ts";
import type { Job } from "../load/job.ts";
import { processorMs } from "../process-figures.ts";
import type { Lineup } from "./lineup.ts";
import type { NamedHttpPath } from "./paths.ts";
import { BODY_BYTES, type BodyPath } from "./wire.ts";

const LOAD_SCRIPT = new URL("../load/main.ts", import.meta.url).pathname;
const ROUNDS = 3;
/** Of what the slowest path can do at most, so that all are asked at the same rates. */
const RATE_SHARES = [0.25, 0.5] as const;
/** Until the code of all paths is compiled, of which longer ones have more; it takes requests rather than time. */
const WARM_UP_REQUESTS = 60_000;

export interface Maximum {
  readonly perSecond: number;
  /** Of processor time a request, of all processes in between; null where there is nothing in between. */
  readonly microseconds: number | null;
}

export interface RequestFigures {
  /** By what is asked for. */
  readonly maximum: Readonly<Record<BodyPath, Maximum>>;
  /** At fixed rates, the same for every path. */
  readonly rates: readonly HttpRate[];
}

/** Asks as fast as it goes, then at fixed rates. @returns figures by the path's name. */
export async function measureRequests(
  lineup: Lineup,
  seconds: number,
): Promise<ReadonlyMap<string, RequestFigures>> {
  await lineup.each("warm-up", (path) =>
    ask(path, "/small", { seconds, warmUp: WARM_UP_REQUESTS }),
  );
  const maxima = (body: BodyPath): Promise<ReadonlyMap<string, Maximum>> =>
    lineup.medians(`requests a second, ${BODY_BYTES[body]} bytes`, ROUNDS, (path) =>
      measureMaximum(path, body, seconds),
    );
  const [small, large] = [await maxima("/small"), await maxima("/large")];
  const slowest = Math.min(...[...small.values()].map(({ perSecond }) => perSecond));
  const [calm, busy] = [
    await measureRate(lineup, slowest * RATE_SHARES[0], seconds),
    await measureRate(lineup, slowest * RATE_SHARES[1], seconds),
  ];
  const figures = new Map<string, RequestFigures>();
  for (const name of lineup.names) {
    const [few, many] = [small.get(name), large.get(name)];
    const rates = [calm, busy].flatMap((rate) => rate.get(name) ?? []);
    if (few === undefined || many === undefined) continue;
    figures.set(name, { maximum: { "/small": few, "/large": many }, rates });
  }
  return figures;
}

async function measureMaximum(
  path: NamedHttpPath,
  body: BodyPath,
  seconds: number,
): Promise<Maximum> {
  const { pids } = path;
  const before = await processorMs(pids);
  const { perSecond, answered } = await ask(path, body, { seconds, warmUp: 0 });
  const spentMs = (await processorMs(pids)) - before;
  return { perSecond, microseconds: pids.length > 0 ? (spentMs * 1_000) / answered : null };
}

/** @param warmUp requests before anything counts. */
function ask(
  { target }: NamedHttpPath,
  path: BodyPath,
  { seconds, warmUp }: { readonly seconds: number; readonly warmUp: number },
): Promise<HttpMaximum> {
  return load({ kind: "http-maximum", target, path, warmUpRequests: warmUp, seconds });
}

function measureRate(
  lineup: Lineup,
  wanted: number,
  seconds: number,
): Promise<ReadonlyMap<string, HttpRate>> {
  const perSecond = Math.max(1, Math.round(wanted));
  return lineup.medians(`${perSecond} requests a second`, ROUNDS, ({ target }) =>
    load<HttpRate>({ kind: "http-rate", target, path: "/small", perSecond, seconds }),
  );
}

function load<T>(job: Job): Promise<T> {
  return runChild<T>({ script: LOAD_SCRIPT, args: [JSON.stringify(job)] });
}
