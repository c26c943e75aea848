import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { HOP_BY_HOP, pairs, tokensOf, valuesOf, withoutHopByHop } from "./raw-headers.ts";

const nothing = (): boolean => false;

describe("what is passed on of a message's headers", () => {
  it("lacks the hop's own fields, those that Connection lists, and what the caller leaves out", () => {
    const raw = ["CONNECTION", "close, X-Mine ,X-Yours", "x-mine", "1", "X-YOURS", "2", "A", "3"];
    raw.push(
      "TE",
      "trailers",
      "Upgrade",
      "h2c",
      "Keep-Alive",
      "timeout=5",
      "b",
      "4",
      "connection",
      "A",
    );
    expect(withoutHopByHop(raw, nothing)).toEqual(["b", "4"]);
    expect(withoutHopByHop(["B", "1", "C", "2"], (name) => name === "b")).toEqual(["C", "2"]);
  });

  it("keeps length and host, whatever Connection says", () => {
    const raw = ["Connection", "Content-Length, Host", "Content-Length", "5", "Host", "a"];
    expect(withoutHopByHop(raw, nothing)).toEqual(["Content-Length", "5", "Host", "a"]);
  });

  it("keeps everything else in its order and spelling", () => {
    const name = fc.constantFrom("A", "b", "Te", "CONNECTION", "Cookie", "trailer");
    const value = fc.constantFrom("a", "close", "B, cookie", "");
    fc.assert(
      fc.property(fc.array(fc.tuple(name, value)), (list) => {
        const listed = new Set(
          list.flatMap(([n, v]) => (n === "CONNECTION" ? v.toLowerCase().split(", ") : [])),
        );
        const expected = list.filter(([n]) => {
          const lower = n.toLowerCase();
          return !HOP_BY_HOP.has(lower) && !listed.has(lower);
        });
        expect([...pairs(withoutHopByHop(list.flat(), nothing))]).toEqual(expected);
      }),
    );
  });
});

describe("reading fields by name", () => {
  const raw = ["Accept", "A, b", "x", "1", "ACCEPT", " C "];
  it("gives values as they are, and tokens in lower case", () => {
    expect(valuesOf(raw, "accept")).toEqual(["A, b", " C "]);
    expect(tokensOf(raw, "accept")).toEqual(["a", "b", "c"]);
    expect(valuesOf(raw, "none")).toEqual([]);
  });
});
