import { AppError } from "#protocol/errors.ts";
import { SERIES_POINTS_MAX, type SeriesDto, type SeriesPoint } from "#protocol/api/series.ts";
import { requireRole, type Actor } from "#server/services/actor.ts";
import { getClusterRow } from "#server/services/clusters/get-cluster.ts";
import type { ServiceContext } from "#server/services/service-context.ts";
import { getTunnelRow } from "#server/services/tunnels/get-tunnel.ts";
import { FLEET_SCOPE, METRIC_STEPS, floorTo } from "./steps.ts";

export interface SeriesInput {
  /** `fleet`, `cluster:<id>` or `tunnel:<id>`. */
  readonly scope: string;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  /** Seconds; rounded up to what is stored. */
  readonly step?: number | undefined;
}

const DEFAULT_SPAN_MS = 3_600_000;
/** The newest step is written a moment after it is over: until then it is not shown as a gap, milliseconds. */
const WRITE_LAG_MS = 20_000;

interface Window {
  readonly from: number;
  readonly to: number;
  /** As stored. */
  readonly baseSeconds: number;
  /** As shown: a multiple of the stored one. */
  readonly stepSeconds: number;
}

interface Sums {
  bytesIn: number;
  bytesOut: number;
  opened: number;
  failed: number;
  open: number;
}

/**
 * What went through, step by step. A step in which nothing was measured is null; one in which nothing happened is 0.
 *
 * @throws AppError `not_found` when the cluster or tunnel is, `bad_request` when `from` is not before `to`
 */
export async function getSeries(
  deps: Pick<ServiceContext, "db" | "now">,
  actor: Actor,
  input: SeriesInput,
): Promise<SeriesDto> {
  requireRole(actor, "viewer");
  const scope = await findScope(deps, input.scope);
  const now = deps.now().getTime();
  const window = windowOf(input, now);
  const rows = await deps.db.metricPoint.findMany({
    where: {
      step: window.baseSeconds,
      scope: { in: [...new Set([FLEET_SCOPE, scope])] },
      at: { gte: new Date(window.from), lt: new Date(window.to) },
    },
    orderBy: { at: "asc" },
  });
  const own = new Map<number, Sums>();
  const measured = new Set<number>();
  for (const row of rows) {
    const at = floorTo(row.at.getTime(), window.stepSeconds);
    if (row.scope === FLEET_SCOPE) measured.add(at);
    if (row.scope !== scope) continue;
    const sums = own.get(at) ?? { bytesIn: 0, bytesOut: 0, opened: 0, failed: 0, open: 0 };
    sums.bytesIn += Number(row.bytesIn);
    sums.bytesOut += Number(row.bytesOut);
    sums.opened += row.opened;
    sums.failed += row.failed;
    sums.open = row.open;
    own.set(at, sums);
  }
  return toDto(window, own, measured);
}

function toDto(
  window: Window,
  own: ReadonlyMap<number, Sums>,
  measured: ReadonlySet<number>,
): SeriesDto {
  const pointsOf = (name: keyof Sums): SeriesPoint[] => {
    const points: SeriesPoint[] = [];
    for (let at = window.from; at < window.to; at += window.stepSeconds * 1_000) {
      points.push([at, measured.has(at) ? (own.get(at)?.[name] ?? 0) : null]);
    }
    return points;
  };
  return {
    from: new Date(window.from).toISOString(),
    to: new Date(window.to).toISOString(),
    stepSeconds: window.stepSeconds,
    series: {
      bytesIn: pointsOf("bytesIn"),
      bytesOut: pointsOf("bytesOut"),
      connectionsOpen: pointsOf("open"),
      connectionsOpened: pointsOf("opened"),
      connectionsFailed: pointsOf("failed"),
    },
  };
}

async function findScope(deps: Pick<ServiceContext, "db">, scope: string): Promise<string> {
  const [kind, id = ""] = scope.split(":");
  if (kind === "cluster") return (await getClusterRow(deps.db, id)).id;
  if (kind === "tunnel") return (await getTunnelRow(deps.db, id)).id;
  return FLEET_SCOPE;
}

function windowOf(input: SeriesInput, now: number): Window {
  const askedTo = input.to === undefined ? now : Date.parse(input.to);
  const askedFrom = input.from === undefined ? askedTo - DEFAULT_SPAN_MS : Date.parse(input.from);
  if (askedFrom >= askedTo) throw new AppError("bad_request", "from must be before to");
  // Nothing was measured before 1970, and a step must not begin before the year 0.
  const [wantedFrom, wantedTo] = [Math.max(0, askedFrom), Math.max(0, askedTo)];
  const base = baseFor(wantedFrom, now, input.step ?? 1);
  const span = wantedTo - wantedFrom;
  const wantedSeconds = Math.max(
    base,
    input.step ?? 0,
    Math.ceil(span / 1_000 / (SERIES_POINTS_MAX - 1)),
  );
  const stepSeconds = Math.ceil(wantedSeconds / base) * base;
  const isNow = wantedTo > now - WRITE_LAG_MS;
  // A step that is not over, or not written yet, is left out rather than shown as a gap.
  const to = isNow
    ? floorTo(
        Math.min(wantedTo, now) - (base === 10 ? WRITE_LAG_MS / 2 : WRITE_LAG_MS),
        stepSeconds,
      )
    : floorTo(wantedTo + stepSeconds * 1_000 - 1, stepSeconds);
  const from = floorTo(wantedFrom, stepSeconds);
  return { from, to: Math.max(to, from), baseSeconds: base, stepSeconds };
}

/** The finest stored step that is coarse enough and reaches back far enough. */
function baseFor(from: number, now: number, wantedSeconds: number): number {
  const reaching = METRIC_STEPS.filter(({ keptMs }) => now - from <= keptMs + 60_000);
  const fine = reaching.find(({ seconds }) => seconds >= wantedSeconds);
  return (fine ?? reaching.at(-1) ?? METRIC_STEPS[2]).seconds;
}
