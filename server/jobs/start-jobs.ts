import type { Logger } from "#server/observability/logger.ts";
import type { MetricRollup } from "#server/services/metrics/metric-rollup.ts";
import { storeMetrics } from "#server/services/metrics/store-metrics.ts";
import { applyRetention } from "#server/services/retention/apply-retention.ts";
import type { ServiceContext } from "#server/services/service-context.ts";
import { PeriodicJob } from "./periodic-job.ts";

/** At most this much of the series is lost when the process is killed. */
const METRICS_EVERY_MS = 5_000;
const RETENTION_EVERY_MS = 10 * 60_000;

export interface Jobs {
  /** Stops the timed work and writes what it has not written yet. */
  stop(): Promise<void>;
}

export interface StartJobsOptions {
  readonly context: ServiceContext;
  readonly rollup: MetricRollup;
  readonly log: Logger;
}

/** Starts the timed work of the web process: writing series down, forgetting what is old. */
export function startJobs({ context, rollup, log }: StartJobsOptions): Jobs {
  const report =
    (job: string) =>
    (error: unknown): void =>
      log.error({ err: error, job }, "timed work failed");
  const metrics = new PeriodicJob(
    METRICS_EVERY_MS,
    () => storeMetrics(context, rollup),
    report("metrics"),
  );
  const retention = new PeriodicJob(
    RETENTION_EVERY_MS,
    () => applyRetention(context),
    report("retention"),
  );
  metrics.start();
  retention.start();
  return {
    stop: async () => {
      await Promise.all([metrics.stop(), retention.stop()]);
      await storeMetrics(context, rollup, { withUnfinished: true });
    },
  };
}
