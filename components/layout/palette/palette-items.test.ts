import { Box } from "lucide-react";
import { expect, it } from "vitest";
import {
  GROUP_ROWS_MAX,
  RECENT_MAX,
  recentFirst,
  search,
  withRecent,
  type PaletteItem,
} from "./palette-items.ts";

const item = (id: string, keywords: string[] = []): PaletteItem => ({
  id,
  label: id,
  icon: Box,
  keywords,
  run: () => undefined,
});
const groups = [
  { heading: "Clusters", items: [item("prod-eu", ["cluster"]), item("prod-us", ["cluster"])] },
  { heading: "Actions", items: [item("Force tunnel for prod-eu")] },
];
const shape = (found: ReturnType<typeof search>) =>
  found.map(({ heading, items }) => [heading, items.map(({ id }) => id)]);

it("finds by every word, in any order", () => {
  expect(shape(search(groups, "eu force"))).toEqual([["Actions", ["Force tunnel for prod-eu"]]]);
  expect(shape(search(groups, "cluster us"))).toEqual([["Clusters", ["prod-us"]]]);
  expect(search(groups, "nothing")).toEqual([]);
});

it("draws no more than a few rows a group", () => {
  const many = Array.from({ length: GROUP_ROWS_MAX + 5 }, (_, index) => item(`t${index}`));
  expect(search([{ heading: "Tunnels", items: many }], "")[0]?.items).toHaveLength(GROUP_ROWS_MAX);
});

it("puts recent things first, once, and forgets those that are gone", () => {
  expect(shape(recentFirst(groups, ["prod-us", "gone"]))).toEqual([
    ["Recent", ["prod-us"]],
    ["Clusters", ["prod-eu"]],
    ["Actions", ["Force tunnel for prod-eu"]],
  ]);
  expect(recentFirst(groups, ["gone"])).toEqual(groups);
});

it("remembers a bounded number, newest first, each once", () => {
  const ids = Array.from({ length: RECENT_MAX + 2 }, (_, index) => String(index));
  const recent = ids.reduce<string[]>((kept, id) => withRecent(kept, id), []);
  expect(recent).toEqual(ids.slice(-RECENT_MAX).toReversed());
  expect(withRecent(recent, ids[3] ?? "")[0]).toBe("3");
  expect(withRecent(recent, ids[3] ?? "")).toHaveLength(RECENT_MAX);
});
