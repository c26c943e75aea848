import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { HeaderChange } from "#protocol/control/http-routing.ts";
import { changeHeaders } from "./change-headers.ts";

type Fields = Record<string, string>;

function changeOf(set: Fields, add: Fields = {}, remove: string[] = []): HeaderChange {
  const list = (fields: Fields) => Object.entries(fields).map(([name, value]) => ({ name, value }));
  return { set: list(set), add: list(add), remove };
}

describe("changing headers", () => {
  it("sets, adds and removes without regard to case, and keeps the order of the rest", () => {
    const raw = ["A", "1", "X-Set", "old", "B", "2", "x-remove", "r", "x-set", "older", "B", "3"];
    const change = changeOf({ "x-SET": "new" }, { b: "4", "X-New": "5" }, ["X-Remove"]);
    expect(changeHeaders(raw, [change])).toEqual(
      ["A", "1", "x-SET", "new", "B", "2", "B", "3", "b", "4", "X-New", "5"], //
    );
  });

  it("sets what was not there", () => {
    expect(changeHeaders(["A", "1"], [changeOf({ B: "2" })])).toEqual(["A", "1", "B", "2"]);
  });

  it("applies one change after another", () => {
    const changes = [changeOf({ A: "1" }), changeOf({}, { A: "2" }), changeOf({}, {}, ["B"])];
    expect(changeHeaders(["B", "0"], changes)).toEqual(["A", "1", "A", "2"]);
  });

  it("takes the first of several entries for one name", () => {
    expect(changeHeaders([], [changeOf({ A: "1", a: "2" }, { B: "3", b: "4" })])).toEqual(
      ["A", "1", "B", "3"], //
    );
  });

  it.each([
    "Connection",
    "Content-Length",
    "Host",
    "Keep-Alive",
    "TE",
    "Trailer",
    "Transfer-Encoding",
    "Upgrade",
    "Proxy-Authorization",
  ])("leaves %s as it is", (name) => {
    const raw = [name.toUpperCase(), "as sent"];
    const changes = [
      changeOf({ [name]: "x" }),
      changeOf({}, { [name]: "x" }),
      changeOf({}, {}, [name]),
    ];
    expect(changeHeaders(raw, changes)).toEqual(raw);
  });

  it.each(["a\r\nB: c", "a\n", "a\0", "é\u0100"])(
    "leaves out a value that is none: %j",
    (value) => {
      expect(changeHeaders(["A", "1"], [changeOf({ A: value }, { B: value })])).toEqual(["A", "1"]);
    },
  );

  it("leaves the list it was given alone", () => {
    const raw = Object.freeze(["A", "1"]);
    expect(changeHeaders(raw, [])).toEqual(raw);
    expect(changeHeaders(raw, [])).not.toBe(raw);
  });

  it("touches no field that no change names", () => {
    const name = fc.constantFrom("a", "B", "c", "D");
    const fields = fc.dictionary(name, fc.constantFrom("1", "2"));
    const raw = fc.array(fc.tuple(name, fc.constantFrom("x", "y")));
    const change = fc.record({ set: fields, add: fields, remove: fc.subarray(["A", "b", "C"]) });
    fc.assert(
      fc.property(raw, change, (list, { set, add, remove }) => {
        const named = new Set([...Object.keys(set), ...Object.keys(add), ...remove]);
        const isNamed = (field: string): boolean =>
          [...named].some((one) => one.toLowerCase() === field.toLowerCase());
        const after = changeHeaders(list.flat(), [changeOf(set, add, remove)]);
        const pairsOf = (flat: string[]) =>
          flat.flatMap((_, i) => (i % 2 === 0 ? [[flat[i], flat[i + 1]]] : []));
        const untouched = (flat: string[]) => pairsOf(flat).filter(([n]) => !isNamed(n ?? ""));
        expect(untouched(after)).toEqual(untouched(list.flat()));
        for (const [setName, value] of Object.entries(set)) {
          if (remove.some((one) => one.toLowerCase() === setName.toLowerCase())) continue;
          const found = pairsOf(after).filter(([n]) => n?.toLowerCase() === setName.toLowerCase());
          expect(found[0]).toEqual([setName, value]);
        }
      }),
    );
  });
});
