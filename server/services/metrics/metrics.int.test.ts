import { afterEach, describe, expect, it } from "vitest";
import { TunnelId } from "#protocol/api/ids.ts";
import { SERIES_POINTS_MAX } from "#protocol/api/series.ts";
import { LiveState } from "#server/services/live-state.ts";
import { seedLiveState } from "#server/services/live/seed-live-state.ts";
import { applyRetention, CONNECTIONS_KEPT_MS } from "#server/services/retention/apply-retention.ts";
import { recordClosedConnections, toLost } from "#server/services/connections/record-closed.ts";
import { setupCluster } from "#server/services/testing/connect-agent.ts";
import {
  RELAY,
  VIEWER,
  connectionOf,
  setupServices,
  tcpListener,
  type Services,
} from "#server/services/testing/setup-services.ts";
import { listTunnels } from "#server/services/tunnels/list-tunnels.ts";
import { getSeries } from "./get-series.ts";
import { MetricRollup } from "./metric-rollup.ts";
import { storeCounters, storeMetrics } from "./store-metrics.ts";

const open: Services[] = [];
async function setup() {
  const services = await setupServices();
  open.push(services);
  const { clusterId } = await setupCluster(services, [tcpListener(1)]);
  const { context } = services;
  const [tunnel] = (await listTunnels(context, VIEWER, { limit: 1 })).items;
  const tunnelId = TunnelId.parse(tunnel?.id);
  const rollup = new MetricRollup();
  const total = { bytesIn: 0, bytesOut: 0, opened: 0, failed: 0 };

  /** One second in which this many bytes went in. */
  const second = (bytesIn: number, facts: { opened?: number; failed?: number } = {}) => {
    services.advance(1_000);
    total.bytesIn += bytesIn;
    total.opened += facts.opened ?? 0;
    total.failed += facts.failed ?? 0;
    const deltas = context.live.relayCounters(RELAY.relayId, {
      at: context.now().getTime(),
      tunnels: [{ tunnelId, ...total, open: 0 }],
      connections: [],
      memoryBytes: 1,
    });
    rollup.add(
      context.now().getTime(),
      deltas.map((delta) => ({ ...delta, clusterId })),
    );
  };
  const seconds = (count: number, bytesIn: number) => {
    for (let i = 0; i < count; i++) second(bytesIn);
  };
  const store = () => storeMetrics(context, rollup);
  const series = async (scope: string, query: object = {}) =>
    await getSeries(context, VIEWER, { scope, ...query });
  return { services, context, clusterId, tunnelId, rollup, second, seconds, store, series };
}
afterEach(async () => {
  for (const services of open.splice(0)) await services.close();
});

const sum = (points: readonly (readonly [number, number | null])[]) =>
  points.reduce((total, [, value]) => total + (value ?? 0), 0);

describe("series", () => {
  it("add up to what went through, for the tunnel, its cluster and the fleet", async () => {
    const { seconds, second, store, series, clusterId, tunnelId, services } = await setup();
    seconds(59, 100);
    second(7, { opened: 2, failed: 1 });
    services.advance(30_000);
    await store();
    for (const scope of [`tunnel:${tunnelId}`, `cluster:${clusterId}`, "fleet"]) {
      const dto = await series(scope);
      expect(dto.stepSeconds).toBe(10);
      expect(sum(dto.series.bytesIn)).toBe(59 * 100 + 7);
      expect(sum(dto.series.connectionsOpened)).toBe(2);
      expect(sum(dto.series.connectionsFailed)).toBe(1);
    }
  });

  it("tell nothing happened from nothing was measured", async () => {
    const { seconds, rollup, context, store, series, tunnelId, services } = await setup();
    seconds(10, 5);
    for (let i = 0; i < 10; i++) {
      services.advance(1_000);
      rollup.add(context.now().getTime(), []);
    }
    services.advance(40_000);
    seconds(10, 5);
    services.advance(30_000);
    await store();
    const from = new Date(Date.parse("2026-01-02T03:04:00Z")).toISOString();
    const { series: lines } = await series(`tunnel:${tunnelId}`, { from });
    const values = lines.bytesIn.map(([, value]) => value);
    expect(values.slice(0, 8)).toEqual([45, 5, 0, null, null, null, 45, 5]);
  });

  it("go on in the middle of a step after a restart", async () => {
    const { seconds, second, store, series, rollup, context } = await setup();
    seconds(5, 10);
    // A shutdown writes what it has, though the step is not over.
    await storeMetrics(context, rollup, { withUnfinished: true });
    seconds(4, 10);
    second(1);
    seconds(30, 0);
    await store();
    expect(sum((await series("fleet")).series.bytesIn)).toBe(91);
  });

  it("lose nothing while the database refuses to write", async () => {
    const { seconds, rollup, context, store, series, services, tunnelId } = await setup();
    seconds(20, 10);
    await context.db.$executeRaw`PRAGMA query_only = ON`;
    await expect(store()).rejects.toThrow();
    await expect(storeCounters(context)).rejects.toThrow();
    seconds(10, 10);
    await context.db.$executeRaw`PRAGMA query_only = OFF`;
    services.advance(30_000);
    await storeMetrics(context, rollup);
    expect(sum((await series("fleet")).series.bytesIn)).toBe(300);
    const stored = await context.db.tunnelCounter.findFirst({ where: { tunnelId } });
    expect(stored?.bytesIn).toBe(300n);
  });

  it("become coarser after a long rest without looking at every minute of it", async () => {
    const { seconds, store, series, services, context } = await setup();
    seconds(60, 10);
    services.advance(60 * 86_400_000);
    seconds(120, 10);
    const startedAt = performance.now();
    await store();
    // Two months have 86,400 minutes.
    expect(performance.now() - startedAt).toBeLessThan(2_000);
    expect(await context.db.metricPoint.count({ where: { scope: "fleet", step: 60 } })).toBe(4);
    expect(sum((await series("fleet", { step: 60 })).series.bytesIn)).toBeGreaterThan(0);
  });

  it("become coarser with time and still add up", async () => {
    const { seconds, store, series, context, services } = await setup();
    for (let minute = 0; minute < 32; minute++) {
      seconds(60, 10);
      await store();
    }
    services.advance(90_000);
    await store();
    const until = context.now().toISOString();
    const from = new Date(Date.parse("2026-01-02T03:04:00Z")).toISOString();
    const minutes = await series("fleet", { from, to: until, step: 60 });
    expect(minutes.stepSeconds).toBe(60);
    expect(sum(minutes.series.bytesIn)).toBe(32 * 600);
    expect(minutes.series.bytesIn[1]?.[1]).toBe(600);
    const quarters = await series("fleet", { from, to: until, step: 900 });
    expect(quarters.stepSeconds).toBe(900);
    const [first, second] = quarters.series.bytesIn.map(([, value]) => value);
    expect((first ?? 0) + (second ?? 0)).toBeGreaterThan(15 * 600);
    const count = await context.db.metricPoint.count({ where: { step: 60, scope: "fleet" } });
    await store();
    expect(await context.db.metricPoint.count({ where: { step: 60, scope: "fleet" } })).toBe(count);
  });

  it("show connections that are open and quiet", async () => {
    const { context, rollup, store, series, clusterId, tunnelId, services } = await setup();
    const connection = connectionOf(tunnelId, clusterId, context.now());
    context.live.relayEvent(RELAY.relayId, { kind: "connection_opened", connection });
    services.advance(1_000);
    rollup.add(context.now().getTime(), []);
    services.advance(30_000);
    await store();
    for (const scope of [`tunnel:${tunnelId}`, `cluster:${clusterId}`, "fleet"]) {
      const { connectionsOpen } = (await series(scope)).series;
      expect(connectionsOpen.filter(([, value]) => value !== null)).toMatchObject([
        [expect.any(Number), 1],
      ]);
    }
  });

  it("never have more points than agreed, and refuse a window that ends before it begins", async () => {
    const { series, context } = await setup();
    const now = context.now().getTime();
    const at = (ms: number) => new Date(ms).toISOString();
    for (const days of [0.5, 1, 7, 90]) {
      const from = at(now - days * 86_400_000);
      const dto = await series("fleet", { from, step: 1 });
      expect(dto.series.bytesIn.length).toBeLessThanOrEqual(SERIES_POINTS_MAX);
      expect(dto.series.bytesIn.length).toBeGreaterThan(10);
    }
    const backwards = series("fleet", { from: at(now), to: at(now - 1) });
    await expect(backwards).rejects.toMatchObject({ code: "bad_request" });
    await expect(series("tunnel:tn_nobodynobody")).rejects.toMatchObject({ code: "not_found" });
  });
});

describe("totals", () => {
  it("come back after a restart and do not grow by it", async () => {
    const { context, seconds, store, tunnelId } = await setup();
    seconds(10, 100);
    await store();
    const live = new LiveState();
    const restarted = { ...context, live };
    await seedLiveState(restarted);
    expect(live.counters.totalsOf(tunnelId).bytesIn).toBe(1_000);
    live.relayConnected(RELAY);
    live.relayCounters(RELAY.relayId, {
      at: 1,
      tunnels: [{ tunnelId, bytesIn: 1_500, bytesOut: 0, opened: 0, failed: 0, open: 0 }],
      connections: [],
      memoryBytes: 1,
    });
    expect(live.counters.totalsOf(tunnelId).bytesIn).toBe(1_500);
  });
});

describe("applyRetention", () => {
  it("deletes what is old, keeps what is not, and adds old counters up", async () => {
    const { context, seconds, store, tunnelId, clusterId, services } = await setup();
    seconds(30, 100);
    await store();
    const old = connectionOf(tunnelId, clusterId, context.now());
    const closed = { ...old, relayId: RELAY.relayId };
    await recordClosedConnections(context, [toLost(closed, context.now())]);
    await applyRetention(context);
    expect(await context.db.metricPoint.count({ where: { step: 10 } })).toBeGreaterThan(0);
    expect(await context.db.connection.count()).toBe(1);

    services.advance(CONNECTIONS_KEPT_MS + 1);
    context.live.relayForgotten(RELAY.relayId);
    await applyRetention(context);
    await applyRetention(context);
    expect(await context.db.metricPoint.count({ where: { step: 10 } })).toBe(0);
    expect(await context.db.connection.count()).toBe(0);
    expect(await context.db.tunnelCounter.findMany()).toMatchObject([
      { tunnelId, relayInstance: "", bytesIn: 3_000n },
    ]);
    expect(await context.db.auditEvent.count()).toBeGreaterThan(0);
  });

  it("leaves the counters of a relay that still runs apart", async () => {
    const { context, seconds, store, services } = await setup();
    seconds(10, 100);
    await store();
    services.advance(2 * 86_400_000);
    await applyRetention(context);
    expect(await context.db.tunnelCounter.findMany()).toMatchObject([
      { relayInstance: RELAY.instanceId, bytesIn: 1_000n },
    ]);
  });

  it("brings the last errors of an hour back, not older ones", async () => {
    const { context, tunnelId, clusterId, services } = await setup();
    const closed = { ...connectionOf(tunnelId, clusterId, context.now()), relayId: RELAY.relayId };
    await recordClosedConnections(context, [toLost(closed, context.now())]);
    const seeded = async () => {
      const live = new LiveState();
      await seedLiveState({ ...context, live });
      return live.outcomes.lastErrorOf(tunnelId);
    };
    const error = { reason: "relay_lost", at: context.now().getTime() };
    expect(await seeded()).toEqual({ ...error, isOver: false });
    services.advance(1_000);
    const later = connectionOf(tunnelId, clusterId, context.now());
    await recordClosedConnections(context, [
      {
        ...later,
        relayId: RELAY.relayId,
        openLatencyMs: 2,
        closedAt: context.now().getTime(),
        closeReason: "completed",
        closeDetail: null,
      },
    ]);
    expect(await seeded()).toEqual({ ...error, isOver: true });
    // Of HTTP only slow requests are stored: the answers since are not.
    const request = { method: "GET", host: "shop.test", path: "/", upgrade: null };
    const slow = { ...connectionOf(tunnelId, clusterId, context.now()), relayId: RELAY.relayId };
    await recordClosedConnections(context, [
      {
        ...slow,
        request,
        closedAt: context.now().getTime() + 60_000,
        closeReason: "dial_timeout",
        closeDetail: null,
      },
    ]);
    expect(await seeded()).toEqual({ ...error, isOver: true });
    services.advance(3_600_001);
    expect(await seeded()).toBeNull();
  });
});
