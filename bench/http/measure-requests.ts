import { runChild } from "../child.ts";
import type { HttpMaximum, HttpRate } from "../load/http-rate.ts";
import type { Job } from "../load/job.ts";
import { processorMs } from "../process-figures.ts";
import type { HttpMeasureOptions } from "./measure-http.ts";
import type { NamedHttpPath } from "./paths.ts";
import { BODY_BYTES, type BodyPath } from "./wire.ts";

const LOAD_SCRIPT = new URL("../load/main.ts", import.meta.url).pathname;
const BODY_PATHS = Object.keys(BODY_BYTES) as BodyPath[];
/** Of what the slowest path can do at most, so that all are asked at the same rates. */
const RATE_SHARES = [0.25, 0.5] as const;

/** Until the code of all paths is compiled, of which longer ones have more; it takes requests rather than time. */
const WARM_UP_REQUESTS = 60_000;

export interface Maximum {
  readonly perSecond: number;
  /** Of processor time a request, of all processes in between; null where there is nothing in between. */
  readonly microseconds: number | null;
}

export type Maxima = Readonly<Record<BodyPath, Maximum>>;

/** Asks as fast as it goes. */
export async function measureMaxima(
  { name, pids, target }: NamedHttpPath,
  { seconds, onStep }: HttpMeasureOptions,
): Promise<Maxima> {
  const maxima = {} as Record<BodyPath, Maximum>;
  for (const path of BODY_PATHS) {
    onStep(`${name}: requests a second, ${BODY_BYTES[path]} bytes`);
    const before = await processorMs(pids);
    const ran = await load<HttpMaximum>({
      kind: "http-maximum",
      target,
      path,
      warmUpRequests: WARM_UP_REQUESTS,
      seconds,
    });
    const spentMs = (await processorMs(pids)) - before;
    const microseconds = pids.length > 0 ? (spentMs * 1_000) / ran.answered : null;
    maxima[path] = { perSecond: ran.perSecond, microseconds };
  }
  return maxima;
}

/** Asks at fixed rates. @param slowest what the slowest of the paths can do at most, requests a second. */
export async function measureRates(
  { name, target }: NamedHttpPath,
  slowest: number,
  { seconds, onStep }: HttpMeasureOptions,
): Promise<readonly HttpRate[]> {
  const rates: HttpRate[] = [];
  for (const share of RATE_SHARES) {
    const perSecond = Math.round(slowest * share);
    onStep(`${name}: ${perSecond} requests a second`);
    rates.push(await load({ kind: "http-rate", target, path: "/small", perSecond, seconds }));
  }
  return rates;
}

function load<T>(job: Job): Promise<T> {
  return runChild<T>({ script: LOAD_SCRIPT, args: [JSON.stringify(job)] });
}
