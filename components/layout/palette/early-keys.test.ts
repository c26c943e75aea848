import { describe, expect, it } from "vitest";
import { EARLY_KEYS_MAX, EARLY_KEYS_MS, EarlyKeys } from "./early-keys.ts";

const NOW = 1_000;

function setup() {
  const keys = new EarlyKeys();
  const press = (key: string, change: Partial<Parameters<EarlyKeys["take"]>[0]> = {}) =>
    keys.take({
      key,
      metaKey: false,
      ctrlKey: false,
      altKey: false,
      isComposing: false,
      timeStamp: NOW + 1,
      ...change,
    });
  return { keys, press, type: (text: string) => [...text].map((key) => press(key)) };
}

describe("EarlyKeys", () => {
  it("leaves every key alone until the palette is asked for", () => {
    const { keys, press } = setup();
    expect(press("a")).toBe(false);
    expect(keys.handOver()).toBe("");
  });

  it("hands over what was typed meanwhile, once, and then steps back", () => {
    const { keys, press, type } = setup();
    keys.reset(NOW);
    type("ordets");
    press("Backspace");
    press("Backspace");
    expect(type("rs").every(Boolean)).toBe(true);
    expect(keys.handOver()).toBe("orders");
    expect(press("x")).toBe(false);
    expect(keys.handOver()).toBe("");
  });

  it("keeps no shortcut and no key that writes nothing", () => {
    const { keys, press } = setup();
    keys.reset(NOW);
    expect(press("c", { ctrlKey: true })).toBe(false);
    expect(press("Escape")).toBe(false);
    expect(keys.handOver()).toBe("");
  });

  it("forgets what was typed when the palette is dismissed", () => {
    const { keys, type } = setup();
    keys.reset(NOW);
    type("abc");
    keys.reset(null);
    expect(keys.handOver()).toBe("");
  });

  it("gives the keys back to the page when the palette does not come", () => {
    const { keys, press } = setup();
    keys.reset(NOW);
    expect(press("a", { timeStamp: NOW + EARLY_KEYS_MS })).toBe(true);
    expect(press("b", { timeStamp: NOW + EARLY_KEYS_MS + 1 })).toBe(false);
  });

  it("is bounded", () => {
    const { keys, type } = setup();
    keys.reset(NOW);
    type("a".repeat(EARLY_KEYS_MAX + 1));
    expect(keys.handOver()).toHaveLength(EARLY_KEYS_MAX);
  });
});
