import type { LiveMetric } from "#protocol/live/events.ts";
import { onFact } from "#server/relays/relay-facts.ts";
import type { LiveState } from "#server/services/live-state.ts";
import { FINEST_SECONDS, floorTo } from "#server/services/metrics/steps.ts";
import type { LiveNamespace } from "./live-server.ts";
import { RateBook } from "./rate-book.ts";

/** After the first report of a second, so that reports of other relays are in the same message. */
const GATHER_MS = 60;
/** Never faster than this for one scope. */
const SPACING_MS = 850;
/** Newest figures kept for those who subscribe later; the longest unchanged go first. */
const LATEST_MAX = 20_000;
/** Until a second is surely in what is stored: whoever subscribes later is told these, and the series has no hole. */
const RECENT_MS = 40_000;
/** Newest figures kept for that, of all scopes together: with more than 2,500 busy ones they reach back less far. */
const RECENT_POINTS_MAX = 100_000;
/** So old may a report be that is on its way. */
const REPORT_LAG_MS = 100;

/** A point that is told again lies so far back, so that none that is on its way is older. */
const TOLD_AGAIN_MS = 2_000;
const NOTHING_NEW = { connectionsOpened: 0, connectionsFailed: 0, bytesIn: 0, bytesOut: 0 };

export interface MetricsPublisherOptions {
  readonly namespace: LiveNamespace;
  readonly live: Pick<LiveState, "connections" | "openCountOf">;
  readonly now: () => Date;
}

/** Sends figures once a second, of what changed, to those who watch it. */
export class MetricsPublisher {
  readonly #options: MetricsPublisherOptions;
  readonly #rates = new RateBook();
  readonly #latest = new Map<string, LiveMetric>();
  /** What each flush of the last seconds sent, oldest first. */
  #recent: (readonly LiveMetric[])[] = [];
  #recentPoints = 0;
  readonly #clusterOf = new Map<string, string>();
  readonly #stops: readonly (() => void)[];
  #timer: NodeJS.Timeout | undefined;
  #flushedAtMs = 0;
  /** When the newest report not yet sent was made: stored series go by this time, and what is live goes on from there. */
  #reportedAt: number | null = null;
  /** Of the points sent last: times only ascend. */
  #sentAt = 0;

  constructor(options: MetricsPublisherOptions) {
    this.#options = options;
    this.#stops = [
      onFact("counted", (report) => {
        for (const { tunnelId, clusterId } of report.tunnels)
          this.#clusterOf.set(tunnelId, clusterId);
        // A step of the stored series ended between two reports: each is told with the step that it is stored in.
        if (this.#reportedAt !== null && stepOf(this.#reportedAt) !== stepOf(report.at))
          this.#flush();
        this.#rates.report(report);
        this.#reportedAt = report.at;
        this.#schedule();
      }),
      onFact("relayGone", ({ relayId }) => {
        this.#rates.relayGone(relayId);
        this.#schedule();
      }),
      onFact("connectionOpened", (connection) => this.#touch(connection)),
      onFact("connectionClosed", (connection) => this.#touch(connection)),
    ];
  }

  /**
   * How things stand, for one who has just subscribed to some rooms: everything that the rooms hold as it is now, and
   * before it the last seconds of the rooms' own figures, which no stored series may have yet.
   */
  latestFor(rooms: readonly string[]): LiveMetric[] {
    const wanted = new Set(rooms);
    const at = this.#options.now().getTime() - TOLD_AGAIN_MS;
    const recent = this.#recent.flatMap((points) =>
      points.filter((point) => wanted.has(point.scope)),
    );
    const latest = [...this.#latest.values()]
      .filter((metric) =>
        audienceOf(metric.scope, this.#clusterOf).some((room) => wanted.has(room)),
      )
      .map((metric) => ({ ...metric, ...NOTHING_NEW, at: Math.max(metric.at, at) }));
    return [...recent, ...latest];
  }

  close(): void {
    clearTimeout(this.#timer);
    for (const stop of this.#stops) stop();
  }

  #touch({ tunnelId, clusterId }: { readonly tunnelId: string; readonly clusterId: string }): void {
    this.#clusterOf.set(tunnelId, clusterId);
    this.#rates.touch(tunnelId, clusterId);
    this.#schedule();
  }

  #schedule(): void {
    const sinceFlushMs = performance.now() - this.#flushedAtMs;
    this.#timer ??= setTimeout(() => this.#flush(), Math.max(GATHER_MS, SPACING_MS - sinceFlushMs));
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#flushedAtMs = performance.now();
    const { namespace, live, now } = this.#options;
    const at = Math.max(this.#sentAt + 1, this.#reportedAt ?? now().getTime() - REPORT_LAG_MS);
    this.#reportedAt = null;
    this.#sentAt = at;
    const metrics = this.#rates.take(at, ({ tunnelId, clusterId }) =>
      tunnelId === undefined
        ? live.connections.count(clusterId === undefined ? {} : { clusterId })
        : live.openCountOf(tunnelId),
    );
    this.#keep(metrics, at - RECENT_MS);
    const byRoom = new Map<string, LiveMetric[]>();
    for (const metric of metrics) {
      this.#remember(metric);
      for (const room of audienceOf(metric.scope, this.#clusterOf)) {
        const payload = byRoom.get(room);
        if (payload === undefined) byRoom.set(room, [metric]);
        else payload.push(metric);
      }
    }
    for (const [room, payload] of byRoom) namespace.to(room).emit("metrics", payload);
  }

  /** Keeps what was just sent, and forgets what is older than a time, or too much. */
  #keep(metrics: readonly LiveMetric[], sinceMs: number): void {
    if (metrics.length > 0) this.#recent.push(metrics);
    this.#recentPoints += metrics.length;
    const isOver = ([oldest]: readonly LiveMetric[]): boolean =>
      this.#recentPoints > RECENT_POINTS_MAX || (oldest?.at ?? 0) < sinceMs;
    while (this.#recent[0] !== undefined && isOver(this.#recent[0])) {
      this.#recentPoints -= this.#recent.shift()?.length ?? 0;
    }
  }

  #remember(metric: LiveMetric): void {
    this.#latest.delete(metric.scope);
    this.#latest.set(metric.scope, metric);
    if (this.#latest.size <= LATEST_MAX) return;
    const [oldest] = this.#latest.keys();
    if (oldest === undefined) return;
    this.#latest.delete(oldest);
    this.#clusterOf.delete(oldest.slice("tunnel:".length));
  }
}

const stepOf = (ms: number): number => floorTo(ms, FINEST_SECONDS);

/** Who watches a scope: its own room, and the rooms that contain it. */
function audienceOf(scope: string, clusterOf: ReadonlyMap<string, string>): string[] {
  if (scope === "fleet") return ["fleet"];
  if (scope.startsWith("cluster:")) return ["fleet", scope];
  const clusterId = clusterOf.get(scope.slice("tunnel:".length));
  return clusterId === undefined ? ["fleet", scope] : ["fleet", `cluster:${clusterId}`, scope];
}
