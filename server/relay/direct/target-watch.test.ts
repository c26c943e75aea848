import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ShiftedClock } from "#server/hub/testing/relay-harness.ts";
import { DialRules } from "./dial-rules.ts";
import { DialSlots } from "./dial-slots.ts";
import { NameBook } from "./name-book.ts";
import type { ProbeResult } from "./probe.ts";
import { TargetWatch } from "./target-watch.ts";

beforeEach(() => void vi.useFakeTimers({ toFake: ["performance", "setTimeout", "clearTimeout"] }));
afterEach(() => void vi.useRealTimers());

const ANSWER: ProbeResult = { isAnswering: true, rttMs: 1 };
const REFUSAL: ProbeResult = { isAnswering: false, reason: "refused", isInconclusive: false };
const NO_SOCKET: ProbeResult = { isAnswering: false, reason: "EMFILE", isInconclusive: true };

function setup() {
  const clock = new ShiftedClock();
  const nowMs = () => clock.monotonicMs();
  const names = new NameBook({ lookUp: () => Promise.resolve([]), nowMs });
  const facts = { answer: ANSWER, probes: 0 };
  const watch = new TargetWatch(
    { host: "1.1.1.1", port: 5432 },
    {
      names,
      rules: new DialRules({
        directCidrs: [],
        ownHosts: [],
        isOwnPort: () => false,
        names,
        nowMs,
        interfaceAddresses: () => [],
      }),
      slots: new DialSlots(1),
      probe: () => {
        facts.probes += 1;
        return Promise.resolve(facts.answer);
      },
      clock,
      random: () => 0.5,
    },
    () => undefined,
  );
  watch.start();
  return { watch, facts };
}

describe("a watched address", () => {
  it("is not given up because this machine has no socket left to ask it with", async () => {
    const { watch, facts } = setup();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(watch.state).toBe("verified");
    facts.answer = NO_SOCKET;
    const before = facts.probes;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(facts.probes).toBeGreaterThan(before + 3);
    expect(watch.isSteady).toBe(true);
    facts.answer = REFUSAL;
    await vi.advanceTimersByTimeAsync(10_000);
    expect(watch.state).toBe("not_answering");
    watch.close();
  });

  it("says what is missing where it was never verified", async () => {
    const { watch, facts } = setup();
    facts.answer = NO_SOCKET;
    await vi.advanceTimersByTimeAsync(5_000);
    expect(watch).toMatchObject({ state: "unverified", reason: "EMFILE" });
    watch.close();
  });
});
