import { describe, expect, it } from "vitest";
import { ADDRESSES_PER_NAME_MAX, NameBook } from "./name-book.ts";

function setup() {
  let nowMs = 0;
  let answer: () => Promise<readonly string[]> = () => Promise.resolve(["192.0.2.1"]);
  let asked = 0;
  const book = new NameBook({
    nowMs: () => nowMs,
    lookUp: () => {
      asked += 1;
      return answer();
    },
  });
  return {
    book,
    asked: () => asked,
    advance: (ms: number) => void (nowMs += ms),
    answer: (next: () => Promise<readonly string[]>) => void (answer = next),
  };
}

const failing = () => Promise.reject(new Error("no name server"));

describe("the book of names", () => {
  it("takes an address for what it is, and asks nobody", async () => {
    const { book, asked } = setup();
    expect(await book.resolve("2001:db8::1")).toEqual(["2001:db8::1"]);
    expect(asked()).toBe(0);
  });

  it("asks once while the answer is fresh, also for several at once", async () => {
    const { book, asked } = setup();
    const answers = await Promise.all([book.resolve("a.example"), book.resolve("a.example")]);
    expect(answers).toEqual([["192.0.2.1"], ["192.0.2.1"]]);
    await book.resolve("a.example");
    expect(asked()).toBe(1);
  });

  it("answers at once with what it knew, and with what is new the next time", async () => {
    const { book, answer, advance } = setup();
    await book.resolve("a.example");
    answer(() => Promise.resolve(["192.0.2.2"]));
    advance(31_000);
    expect(await book.resolve("a.example")).toEqual(["192.0.2.1"]);
    await Promise.resolve();
    expect(await book.resolve("a.example")).toEqual(["192.0.2.2"]);
  });

  it("keeps the last answer while no name server answers, and not for ever", async () => {
    const { book, answer, advance } = setup();
    await book.resolve("a.example");
    answer(failing);
    advance(299_000);
    expect(await book.resolve("a.example")).toEqual(["192.0.2.1"]);
    advance(2_000);
    expect(await book.resolve("a.example")).toEqual([]);
  });

  it("believes that a name is gone", async () => {
    const { book, answer, advance } = setup();
    await book.resolve("a.example");
    answer(() => Promise.resolve([]));
    advance(301_000);
    expect(await book.resolve("a.example")).toEqual([]);
  });

  it("forgets names that nobody wants, and looks at so many addresses at most", async () => {
    const { book, answer, asked } = setup();
    answer(() => Promise.resolve(Array.from({ length: 50 }, (_none, i) => `192.0.2.${i}`)));
    expect(await book.resolve("a.example")).toHaveLength(ADDRESSES_PER_NAME_MAX);
    book.retain(new Set(["b.example"]));
    await book.resolve("a.example");
    expect(asked()).toBe(2);
  });
});
