import { expect, it } from "vitest";
import { Lineup, medianOf } from "./lineup.ts";
import type { HttpPath } from "./paths.ts";

function createPath(name: string, stopped: string[]): HttpPath {
  return {
    name,
    start: async (port) => ({
      target: { port, host: name },
      pids: [],
      stop: async () => void stopped.push(name),
    }),
  };
}

async function setup() {
  const stopped: string[] = [];
  const failures: string[] = [];
  const paths = ["one", "other"].map((name) => createPath(name, stopped));
  const missing: HttpPath = { name: "missing", start: async () => null };
  const lineup = await Lineup.start([...paths, missing], {
    servicePort: 1,
    onStep: () => undefined,
    onFailure: (path) => failures.push(path),
  });
  return { lineup, stopped, failures };
}

it("measures every path in turn, round after round", async () => {
  const { lineup } = await setup();
  const order: string[] = [];
  const measured = await lineup.medians("something", 3, async ({ name }) => order.push(name));
  expect(order).toEqual(["one", "other", "one", "other", "one", "other"]);
  expect([...measured]).toEqual([
    ["one", 3],
    ["other", 4],
  ]);
});

it("leaves out a path that fails, and stops it", async () => {
  const { lineup, stopped, failures } = await setup();
  await lineup.medians("something", 2, async ({ name }) => {
    if (name === "one") throw new Error("it broke");
    return 1;
  });
  expect(lineup.names).toEqual(["other"]);
  expect([stopped, failures]).toEqual([["one"], ["one"]]);
  await lineup.stop();
  expect(stopped).toEqual(["one", "other"]);
});

it("takes the median of each figure by itself, and leaves alone what is none", () => {
  const rounds = [
    { perSecond: 1, cost: null, trip: { p50Us: 5 } },
    { perSecond: 9, cost: null, trip: { p50Us: 10 } },
    { perSecond: 10, cost: null, trip: { p50Us: 6 } },
  ];
  expect(medianOf(rounds)).toEqual({ perSecond: 9, cost: null, trip: { p50Us: 6 } });
});
