import { HttpClient } from "./http-client.ts";
import type { HttpMaximumJob, HttpRateJob } from "./job.ts";
import { quantile } from "./round-trip.ts";
import { keepSchedule } from "./schedule.ts";

const CONNECTIONS = 32;
/** Answers may take so long after the last question. */
const GRACE_MS = 1_000;
const POLL_MS = 20;
/** Before anything counts: connections are new. */
const WARM_UP_MS = 300;
/** So long a slow path may take for the requests that warm it up. */
const WARM_UP_MAX_MS = 15_000;
const WARM_UP_POLL_MS = 100;

export interface HttpMaximum {
  readonly perSecond: number;
  /** In all, from the first to the last, the warm-up included. */
  readonly answered: number;
}

export interface HttpRate {
  readonly perSecond: number;
  readonly unanswered: number;
  readonly p50Us: number;
  readonly p99Us: number;
}

const openAll = (job: HttpMaximumJob | HttpRateJob): Promise<HttpClient[]> =>
  Promise.all(Array.from({ length: CONNECTIONS }, () => HttpClient.open(job.target, job.path)));

/** Asks on each of many connections as soon as it was answered. */
export async function measureHttpMaximum(job: HttpMaximumJob): Promise<HttpMaximum> {
  const clients = await openAll(job);
  let answered = 0;
  let isOver = false;
  const go = (client: HttpClient): void =>
    client.ask(() => {
      answered += 1;
      if (!isOver) go(client);
    });
  for (const client of clients) go(client);
  await pause(WARM_UP_MS);
  const startedAt = performance.now() - WARM_UP_MS;
  while (answered < job.warmUpRequests && performance.now() - startedAt < WARM_UP_MAX_MS) {
    await pause(WARM_UP_POLL_MS);
  }
  const [before, beginsAt] = [answered, performance.now()];
  await pause(job.seconds * 1_000);
  const perSecond = ((answered - before) * 1_000) / (performance.now() - beginsAt);
  isOver = true;
  for (const client of clients) client.close();
  return { perSecond, answered };
}

/**
 * Asks at a fixed rate, whatever comes back. Time counts from when a question was due: one that had to wait for a free
 * connection has waited.
 */
export async function measureHttpRate(job: HttpRateJob): Promise<HttpRate> {
  const free = await openAll(job);
  const clients = [...free];
  const timesUs: number[] = [];
  const due: number[] = [];
  const serve = (): void => {
    while (due.length > 0) {
      const client = free.pop();
      if (client === undefined) return;
      const dueAt = due.shift() ?? 0;
      client.ask(() => {
        timesUs.push((performance.now() - dueAt) * 1_000);
        free.push(client);
        serve();
      });
    }
  };
  const { perSecond } = job;
  const asked = await keepSchedule({
    perSecond,
    seconds: WARM_UP_MS / 1_000 + job.seconds,
    onDue: (dueAt) => {
      due.push(dueAt);
      serve();
    },
  });
  for (let waitedMs = 0; waitedMs < GRACE_MS && timesUs.length < asked; waitedMs += POLL_MS) {
    await pause(POLL_MS);
  }
  for (const client of clients) client.close();
  const unanswered = asked - timesUs.length;
  const sorted = timesUs.slice((WARM_UP_MS / 1_000) * perSecond).sort((a, b) => a - b);
  return { perSecond, unanswered, p50Us: quantile(sorted, 0.5), p99Us: quantile(sorted, 0.99) };
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
