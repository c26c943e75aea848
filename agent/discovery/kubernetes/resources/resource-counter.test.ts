import { describe, expect, it } from "vitest";
import { FakeClock } from "#mux/testing/fake-clock.ts";
import type { KubernetesApi, ListOptions, ListPage } from "../api-client.ts";
import { KubernetesApiError } from "../api-error.ts";
import { ResourceCounter } from "./resource-counter.ts";
import { COUNT_INTERVAL_MS, ResourceWatch } from "./resource-watch.ts";

const AT = new Date("2026-01-02T03:04:05.000Z");

/** Collections of so many objects, read as the API server lets them be read. */
class FakeApi implements KubernetesApi {
  readonly counts: Record<string, number> = {
    "/api/v1/nodes": 2,
    "/api/v1/pods": 7,
    "/api/v1/pods status.phase=Running": 4,
    "/api/v1/pods status.phase=Pending": 1,
    "/api/v1/pods status.phase=Succeeded": 2,
    "/api/v1/services": 3,
    "/api/v1/services spec.type=LoadBalancer": 1,
    "/api/v1/namespaces": 5,
  };
  readonly failures = new Map<string, number>();
  /** Never answers about this until it is told to give up. */
  stuckAt = "";
  onStuck: () => void = () => undefined;
  readonly asked: string[] = [];
  saysHowManyFollow = true;

  async get(path: string): Promise<unknown> {
    this.#ask(path);
    return { gitVersion: "v1.36.3" };
  }

  async *listPages(path: string, options: ListOptions = {}): AsyncGenerator<ListPage, void> {
    const { limit = 500, query, asRows = false, signal } = options;
    if (path === this.stuckAt) {
      const aborted = untilAborted(signal);
      this.onStuck();
      await aborted;
    }
    const selector = query?.["fieldSelector"];
    const count = this.counts[selector === undefined ? path : `${path} ${String(selector)}`] ?? 0;
    for (let from = 0; from === 0 || from < count; from += limit) {
      this.#ask(path);
      const length = Math.min(limit, count - from);
      const left = count - from - length;
      const isCounted = this.saysHowManyFollow && selector === undefined && left > 0;
      yield {
        items: Array.from({ length }, (_none, i) => (asRows ? {} : nodeOf(from + i))),
        resourceVersion: "1",
        remainingItemCount: isCounted ? left : null,
        isLast: left === 0,
      };
    }
  }

  watch = (): never => unused();
  post = (): never => unused();
  patch = (): never => unused();

  #ask(path: string): void {
    this.asked.push(path);
    const status = this.failures.get(path);
    if (status === undefined) return;
    throw new KubernetesApiError({ status, code: "odd", message: `It answered ${status}.` });
  }
}

function untilAborted(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal?.addEventListener("abort", () => reject(new Error("aborted")), { once: true });
  });
}

function unused(): never {
  throw new Error("counting only reads");
}

const nodeOf = (index: number) => ({
  spec: index === 1 ? { unschedulable: true } : {},
  status: {
    capacity: { cpu: "3920m", memory: "16Gi", pods: "110" },
    conditions: [{ type: "Ready", status: index === 1 ? "False" : "True" }],
    nodeInfo: { kubeletVersion: index === 2 ? "v1.35.0" : "v1.36.3" },
  },
});

function setup() {
  const api = new FakeApi();
  const counter = new ResourceCounter(api, () => AT);
  const count = (late = new AbortController().signal) =>
    counter.count(new AbortController().signal, late);
  return { api, count };
}

describe("counting a cluster", () => {
  it("sums up what it consists of", async () => {
    const { count } = setup();
    expect(await count()).toEqual({
      at: AT.toISOString(),
      kubernetesVersion: "v1.36.3",
      nodes: {
        total: 2,
        ready: 1,
        unschedulable: 1,
        kubeletVersions: [{ version: "v1.36.3", nodes: 2 }],
      },
      capacity: { cpuMillicores: 7_840, memoryBytes: 2 ** 35, pods: 220 },
      pods: { total: 7, running: 4, pending: 1, succeeded: 2, failed: 0 },
      services: { total: 3, loadBalancers: 1 },
      namespaces: 5,
      problems: [],
    });
  });

  it("says what it may not read, and counts the rest", async () => {
    const { api, count } = setup();
    await count();
    for (const path of ["/api/v1/nodes", "/api/v1/pods"]) api.failures.set(path, 403);
    const counted = await count();
    expect(counted).toMatchObject({ nodes: null, capacity: null, pods: null, namespaces: 5 });
    expect(counted?.problems).toHaveLength(2);
  });

  it("keeps what it knew while a question fails, and says so", async () => {
    const { api, count } = setup();
    await count();
    api.failures.set("/api/v1/services", 500);
    const counted = await count();
    expect(counted?.services).toEqual({ total: 3, loadBalancers: 1 });
    expect(counted?.problems).toHaveLength(1);
    api.failures.clear();
    expect((await count())?.problems).toEqual([]);
  });

  it("tells the rest when one collection takes too long, and lets that one rest", async () => {
    const { api, count } = setup();
    const late = new AbortController();
    api.stuckAt = "/api/v1/services";
    api.onStuck = () => late.abort();
    const first = await count(late.signal);
    expect(first).toMatchObject({ nodes: { total: 2 }, services: null, pods: null });
    expect(first?.problems).toHaveLength(3);
    const next = await count();
    expect(next).toMatchObject({ services: null, pods: { total: 7 }, namespaces: 5 });
    expect(next?.problems).toHaveLength(1);
    api.stuckAt = "";
    for (let round = 0; round < 8; round += 1) expect((await count())?.services).toBeNull();
    expect(await count()).toMatchObject({ services: { total: 3 }, problems: [] });
  });

  it("has nothing to say when nothing was answered", async () => {
    const { api, count } = setup();
    const paths = ["/version", ...Object.keys(api.counts)];
    for (const path of paths) api.failures.set(path, 500);
    expect(await count()).toBeNull();
  });

  it("counts by itself where the server does not say how many follow", async () => {
    const { api, count } = setup();
    api.saysHowManyFollow = false;
    api.counts["/api/v1/namespaces"] = 1_203;
    expect((await count())?.namespaces).toBe(1_203);
  });

  it("makes the counts of a large cluster every tenth round only, but follows how many pods there are", async () => {
    const { api, count } = setup();
    api.counts["/api/v1/nodes"] = 501;
    api.counts["/api/v1/pods"] = 6_000;
    api.counts["/api/v1/pods status.phase=Running"] = 6_000;
    const asked: number[] = [];
    for (let round = 1; round <= 11; round += 1) {
      api.asked.length = 0;
      api.counts["/api/v1/pods"] = 6_000 + round;
      const counted = await count();
      expect(counted?.pods?.total).toBeGreaterThanOrEqual(6_000 + round);
      expect(counted?.nodes?.total).toBe(501);
      asked.push(api.asked.length);
    }
    const [first = 0, ...others] = asked;
    expect(others.slice(0, 9)).toEqual(Array.from({ length: 9 }, () => 5));
    expect([first, others[9]]).toEqual([first, first]);
    expect(first).toBeGreaterThan(25);
  });
});

describe("watching what a cluster consists of", () => {
  function watch(api: FakeApi = new FakeApi()) {
    const clock = new FakeClock();
    let counted = Promise.withResolvers<void>();
    let rounds = 0;
    const onCounted = (): void => {
      rounds += 1;
      counted.resolve();
      counted = Promise.withResolvers();
    };
    const wallClock = () => AT;
    const resources = new ResourceWatch({ api, clock, wallClock, random: () => 0.5, onCounted });
    return { api, clock, resources, rounds: () => rounds, next: () => counted.promise };
  }

  it("counts at once and then about once a minute", async () => {
    const { clock, resources, rounds, next } = watch();
    expect(resources.latest).toBeNull();
    const first = next();
    resources.start();
    await first;
    expect(resources.latest?.namespaces).toBe(5);
    await expect.poll(() => clock.armedCount).toBe(1);
    clock.advance(COUNT_INTERVAL_MS - 1);
    expect(rounds()).toBe(1);
    const second = next();
    clock.advance(1);
    await second;
    expect(rounds()).toBe(2);
    await resources.close();
    expect(clock.armedCount).toBe(0);
  });

  it("leaves nothing behind when it is closed during a count", async () => {
    const { clock, resources, rounds } = watch();
    resources.start();
    await resources.close();
    await resources.close();
    expect([rounds(), clock.armedCount]).toEqual([0, 0]);
  });
});
