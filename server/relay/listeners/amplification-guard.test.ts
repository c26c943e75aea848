import { describe, expect, it } from "vitest";
import { AmplificationGuard } from "./amplification-guard.ts";

describe("the amplification guard", () => {
  it("lets a resolver answer a small question, and not with many times as much", () => {
    const guard = new AmplificationGuard();
    guard.asked(40);
    expect(guard.mayAnswer(1_232)).toBe(true);
    expect(guard.mayAnswer(1_232)).toBe(false);
    expect(guard.mayAnswer(800)).toBe(true);
  });

  it("lets nothing out to whom nothing came from", () => {
    expect(new AmplificationGuard().mayAnswer(0)).toBe(false);
  });

  it("steps aside after a conversation of three turns", () => {
    const guard = new AmplificationGuard();
    guard.asked(10);
    for (let turn = 0; turn < 3; turn += 1) {
      expect(guard.isProven).toBe(false);
      expect(guard.mayAnswer(10)).toBe(true);
      guard.asked(10);
    }
    expect(guard.isProven).toBe(true);
    guard.asked(1);
    for (let n = 0; n < 100; n += 1) expect(guard.mayAnswer(65_507)).toBe(true);
  });

  it("takes no number of questions for a conversation while none was answered", () => {
    const guard = new AmplificationGuard();
    for (let n = 0; n < 50; n += 1) guard.asked(0);
    expect(guard.isProven).toBe(false);
  });
});
