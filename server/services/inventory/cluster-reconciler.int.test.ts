import { afterEach, describe, expect, it, vi } from "vitest";
import { PRIVATE_AFTER_MS } from "#server/services/clusters/cluster-type.ts";
import { setupCluster } from "#server/services/testing/connect-agent.ts";
import {
  inventoryOf,
  setupServices,
  tcpListener,
  type Services,
} from "#server/services/testing/setup-services.ts";
import { ClusterReconciler } from "./cluster-reconciler.ts";
import { CLOSING_MIN_MS } from "./plan-tunnels.ts";
import { storeInventory } from "./store-inventory.ts";

const open: Services[] = [];
async function setup() {
  const services = await setupServices();
  open.push(services);
  const { clusterId, link } = await setupCluster(services, [tcpListener(1)]);
  const { context } = services;
  const errors: unknown[] = [];
  let runs = 0;
  // Each run begins by asking for the time.
  const deps = {
    ...context,
    now: () => {
      runs += 1;
      return context.now();
    },
  };
  const reconciler = new ClusterReconciler({ deps, onError: (error) => errors.push(error) });
  return { services, context, clusterId, link, reconciler, errors, runs: () => runs };
}
afterEach(async () => {
  vi.useRealTimers();
  for (const services of open.splice(0)) await services.close();
});

describe("ClusterReconciler", () => {
  it("makes one run of a burst, and one more of what comes during a run", async () => {
    const { reconciler, clusterId, runs, services } = await setup();
    // Nothing is due any more: only runs ask for the time.
    services.advance(PRIVATE_AFTER_MS);
    for (let i = 0; i < 10; i++) reconciler.request(clusterId);
    await Promise.resolve();
    await Promise.resolve();
    for (let i = 0; i < 10; i++) reconciler.request(clusterId);
    await reconciler.idle();
    expect(runs()).toBe(2);
    await reconciler.close();
  });

  it("rests after a long run, so that a large cluster leaves time for everything else", async () => {
    const { context, clusterId, services } = await setup();
    services.advance(PRIVATE_AFTER_MS);
    const startedAt: number[] = [];
    const deps = {
      ...context,
      // Each run begins by asking for the time; these take their own.
      now: () => {
        startedAt.push(performance.now());
        const until = performance.now() + 60;
        while (performance.now() < until);
        return context.now();
      },
    };
    const reconciler = new ClusterReconciler({ deps, onError: () => undefined });
    reconciler.request(clusterId);
    await expect.poll(() => startedAt.length).toBe(1);
    reconciler.request(clusterId);
    await expect.poll(() => startedAt.length).toBeGreaterThan(1);
    const [first = 0, second = 0] = startedAt;
    expect(second - first).toBeGreaterThan(4 * 60);
    await reconciler.close();
  });

  it("looks again when time has come, and not after it is closed", async () => {
    const { reconciler, clusterId, link, services, context } = await setup();
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval"] });
    reconciler.start();
    await storeInventory(context, { ...link, inventory: inventoryOf(2, []) });
    reconciler.request(clusterId);
    await reconciler.idle();
    expect(await context.db.tunnel.count()).toBe(1);
    services.advance(CLOSING_MIN_MS);
    vi.advanceTimersByTime(CLOSING_MIN_MS);
    await reconciler.idle();
    expect(await context.db.tunnel.count()).toBe(0);
    await reconciler.close();
    reconciler.request(clusterId);
    await reconciler.idle();
    expect(vi.getTimerCount()).toBe(0);
  });

  it("tells viewers of a cluster and its tunnels when time alone has made it private", async () => {
    const { reconciler, clusterId, services, context } = await setup();
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    reconciler.request(clusterId);
    await reconciler.idle();
    services.published.length = 0;
    services.advance(PRIVATE_AFTER_MS - 1);
    reconciler.request(clusterId);
    await reconciler.idle();
    expect(services.published).toEqual([]);
    services.advance(1);
    vi.advanceTimersByTime(1);
    await reconciler.idle();
    const [tunnel] = await context.db.tunnel.findMany();
    expect(services.published).toEqual([
      { kind: "cluster", id: clusterId },
      { kind: "tunnel", id: tunnel?.id, clusterId },
    ]);
    expect(vi.getTimerCount()).toBe(0);
    await reconciler.close();
  });

  it("reports a run that fails and goes on", async () => {
    const { reconciler, clusterId, context, errors, link } = await setup();
    await context.db.$executeRaw`CREATE TRIGGER no_tunnel BEFORE INSERT ON tunnel
      BEGIN SELECT RAISE(ABORT, 'no'); END`;
    const two = [tcpListener(1), tcpListener(2)];
    await storeInventory(context, { ...link, inventory: inventoryOf(2, two) });
    reconciler.request(clusterId);
    await reconciler.idle();
    expect(errors).toHaveLength(1);
    await context.db.$executeRaw`DROP TRIGGER no_tunnel`;
    await reconciler.requestAll();
    await reconciler.idle();
    expect(await context.db.tunnel.count()).toBe(2);
    await reconciler.close();
  });
});
