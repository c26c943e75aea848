import { describe, expect, it } from "vitest";
import { SpecBook } from "./spec-book.ts";

const specText = (listener: string): string =>
  JSON.stringify({
    listener,
    backends: [],
    addresses: [],
    annotation: null,
    idleTimeoutMs: null,
    problem: null,
    reportedBy: [],
  });

describe("SpecBook", () => {
  it("gives the same object for the same text, and another for another", () => {
    const book = new SpecBook();
    const [a, b] = [
      { id: "tn_a", spec: specText("a") },
      { id: "tn_b", spec: specText("b") },
    ];
    const first = book.parse([a, b]);
    const changed = { ...b, spec: specText("c") };
    const second = book.parse([a, changed]);
    expect(second(a)).toBe(first(a));
    expect(second(changed).listener).toBe("c");
  });

  it("keeps nothing of rows that are gone", () => {
    const book = new SpecBook();
    const row = { id: "tn_a", spec: specText("a") };
    const first = book.parse([row])(row);
    book.parse([]);
    const again = book.parse([row])(row);
    expect(again).toEqual(first);
    expect(again).not.toBe(first);
  });
});
