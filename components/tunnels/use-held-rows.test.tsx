import { renderHook } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { useHeldRows } from "./use-held-rows.ts";

interface Row {
  readonly id: string;
  readonly value: number;
}

const rowsOf = (...ids: string[]): Row[] => ids.map((id, value) => ({ id, value }));

function setup(rows: Row[]) {
  const hook = renderHook(
    (options: Parameters<typeof useHeldRows<Row>>[0]) => useHeldRows(options),
    {
      initialProps: { rows, isHeld: false, choice: "" },
    },
  );
  return {
    ids: () => hook.result.current.rows.map(({ id }) => id),
    current: () => hook.result.current,
    show: (next: Row[], isHeld: boolean, choice = "") =>
      hook.rerender({ rows: next, isHeld, choice }),
    rerender: hook.rerender,
  };
}

describe("useHeldRows", () => {
  it("follows the rows while nobody points at them", () => {
    const { ids, show } = setup(rowsOf("a"));
    show(rowsOf("b", "a"), false);
    expect(ids()).toEqual(["b", "a"]);
  });

  it("keeps the order under the pointer, with new values, and counts what waits", () => {
    const { ids, current, show } = setup(rowsOf("a", "b"));
    const next = rowsOf("c", "b", "a");
    show(next, true);
    expect(ids()).toEqual(["a", "b"]);
    expect(current().rows[0]?.value).toBe(2);
    expect(current().newCount).toBe(1);
  });

  it("catches up when the pointer leaves", () => {
    const { ids, show } = setup(rowsOf("a"));
    const next = rowsOf("b", "a");
    show(next, true);
    show(next, false);
    expect(ids()).toEqual(["b", "a"]);
  });

  it("shows another filter or sort at once, pointer or not", () => {
    const { ids, show } = setup(rowsOf("a", "b"));
    show(rowsOf("b", "a"), true, "sorted");
    expect(ids()).toEqual(["b", "a"]);
  });
});
