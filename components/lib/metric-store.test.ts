import { expect, it } from "vitest";
import type { LiveMetric, LiveRoom } from "#protocol/live/events.ts";
import { makeLiveMetric } from "./testing/make-live-metric.ts";
import { METRIC_POINTS_MAX, METRIC_SCOPES_MAX, MetricStore } from "./metric-store.ts";

const point = (at: number, scope: LiveRoom = "fleet"): LiveMetric =>
  makeLiveMetric({ at, scope, bytesInPerSecond: at });

it("keeps the newest points of a scope, up to its bound", () => {
  const store = new MetricStore();
  for (let at = 1; at <= METRIC_POINTS_MAX + 1; at += 1) store.push([point(at)]);
  const points = store.since("fleet", 0);
  expect(points).toHaveLength(METRIC_POINTS_MAX);
  expect(points[0]?.at).toBe(2);
  expect(store.latest("fleet")?.at).toBe(METRIC_POINTS_MAX + 1);
});

it("takes every moment once, and puts one that comes late where it belongs", () => {
  const store = new MetricStore();
  store.push([point(3), point(3)]);
  store.push([point(1), point(2), point(3)]);
  expect(store.since("fleet", 0).map(({ at }) => at)).toEqual([1, 2, 3]);
  expect(store.latest("fleet")?.at).toBe(3);
});

it("tells listeners of late points that were not known yet", () => {
  const store = new MetricStore();
  store.push([point(2)]);
  let count = 0;
  store.subscribe("fleet", () => (count += 1));
  store.push([point(2)]);
  expect(count).toBe(0);
  store.push([point(1)]);
  expect(count).toBe(1);
});

it("forgets the history of the scope that was silent for longest, but not its newest second", () => {
  const store = new MetricStore();
  const scope = (index: number): LiveRoom => `tunnel:tn_${index}`;
  for (let index = 0; index < METRIC_SCOPES_MAX; index += 1) store.push([point(1, scope(index))]);
  store.push([point(2, scope(0))]);
  store.push([point(1, "fleet")]);
  expect(store.since(scope(0), 0)).toHaveLength(2);
  expect(store.since(scope(1), 0)).toEqual([]);
  expect(store.latest(scope(1))?.at).toBe(1);
  expect(store.since("fleet", 0)).toHaveLength(1);
});

it("tells listeners of a scope once per batch, and those of others never", () => {
  const store = new MetricStore();
  const heard: string[] = [];
  const stop = store.subscribe("fleet", () => heard.push("fleet"));
  store.subscribe("tunnel:tn_1", () => heard.push("tunnel"));
  store.push([point(1), point(2)]);
  stop();
  store.push([point(3)]);
  expect(heard).toEqual(["fleet"]);
});
