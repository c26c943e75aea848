import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ROUTING_RULES, TraceStep, type RoutingMode } from "#protocol/api/routing.ts";
import { decideMode, isForced, type RoutingFacts, type SetBy } from "./decide-mode.ts";
import { explainDecision } from "./explain-decision.ts";

const SOMEBODY: SetBy = { setBy: "ops@example.com", setAt: new Date("2026-01-02T03:04:05Z") };
const MODES: readonly (RoutingMode | null)[] = [null, "tunnel", "direct", "dual"];

/** Reaches direct: every rule above it asks for nothing. */
const PLAIN: RoutingFacts = {
  fleetForce: null,
  clusterForce: null,
  tunnelForce: null,
  operatorChoice: null,
  annotation: null,
  agentForce: null,
  clusterType: "public",
  hasPublicAddress: true,
  agentDual: null,
  direct: "verified",
};

const set = (isSet: boolean): SetBy | null => (isSet ? SOMEBODY : null);
const choice = (mode: RoutingMode | null) => (mode === null ? null : { ...SOMEBODY, mode });

/** Every combination there is: 2^5 × 4^2 × 3 × 2 × 3 = 9,216. */
function* everyCombination(): Generator<RoutingFacts> {
  const flags = [false, true];
  for (const fleet of flags)
    for (const cluster of flags)
      for (const tunnel of flags)
        for (const agent of flags)
          for (const dual of flags)
            for (const operator of MODES)
              for (const annotation of MODES)
                for (const clusterType of ["public", "private", "unknown"] as const)
                  for (const hasPublicAddress of flags)
                    for (const direct of ["verified", "unverified", "not_answering"] as const)
                      yield {
                        fleetForce: set(fleet),
                        clusterForce: set(cluster),
                        tunnelForce: set(tunnel),
                        operatorChoice: choice(operator),
                        annotation: choice(annotation),
                        agentForce: set(agent),
                        clusterType,
                        hasPublicAddress,
                        agentDual: set(dual),
                        direct,
                      };
}

/** The table again, written as the prose says it, to check the code against. */
function expectedMode(f: RoutingFacts): RoutingMode {
  if (f.fleetForce !== null || f.clusterForce !== null || f.tunnelForce !== null) return "tunnel";
  if (f.operatorChoice !== null) return f.operatorChoice.mode;
  if (f.annotation !== null) return f.annotation.mode;
  if (f.agentForce !== null) return "tunnel";
  if (f.clusterType === "private" || !f.hasPublicAddress) return "tunnel";
  return f.agentDual === null ? "direct" : "dual";
}

describe("decideMode", () => {
  it("follows the table in every combination there is", () => {
    let count = 0;
    for (const facts of everyCombination()) {
      count += 1;
      const decision = decideMode(facts);
      const wanted = expectedMode(facts);
      if (decision.desired !== wanted) expect({ facts, decision }).toEqual(wanted);
      const winner = decision.trace.find((step) => step.matched);
      if (winner?.rule !== decision.rule || winner.mode !== wanted) expect(decision).toBe(winner);
      const canDirect = facts.direct === "verified";
      const effective = wanted === "tunnel" || canDirect ? wanted : "tunnel";
      if (decision.effective !== effective) expect({ facts, decision }).toEqual(effective);
      const isAsDesired = decision.effectiveReason === "as_desired";
      if (isAsDesired !== (decision.effective === decision.desired)) expect(decision).toBe(facts);
    }
    expect(count).toBe(9_216);
  });

  it("lists all rules in their order, each true to the contract", () => {
    fc.assert(
      fc.property(fc.constantFrom(...everyCombination()), (facts) => {
        const { trace } = decideMode(facts);
        expect(trace.map((step) => step.rule)).toEqual(ROUTING_RULES);
        for (const step of trace) {
          expect(TraceStep.parse(step)).toEqual(step);
          expect(step.matched).toBe(step.mode !== null);
        }
      }),
      { numRuns: 200 },
    );
  });

  it("lets a force beat everything, and nothing below a force change the outcome", () => {
    for (const facts of everyCombination()) {
      const decision = decideMode({ ...facts, fleetForce: SOMEBODY });
      if (decision.effective !== "tunnel" || !isForced(decision)) expect(decision).toBe(facts);
    }
  });

  it("names who decided and when", () => {
    const decision = decideMode({ ...PLAIN, clusterForce: SOMEBODY });
    expect(decision.trace[1]).toEqual({
      rule: "cluster_force_tunnel",
      matched: true,
      mode: "tunnel",
      setBy: "ops@example.com",
      setAt: "2026-01-02T03:04:05.000Z",
    });
  });

  it.each([
    ["verified", true, "direct", "as_desired"],
    ["unverified", true, "tunnel", "direct_not_verified"],
    ["not_answering", true, "tunnel", "direct_not_answering"],
    ["unverified", false, "tunnel", "direct_not_carried"],
  ] as const)(
    "carries a chosen direct that is %s (address: %s) by %s",
    (direct, has, mode, why) => {
      const facts = { ...PLAIN, direct, hasPublicAddress: has, operatorChoice: choice("direct") };
      const decision = decideMode(facts);
      expect(decision).toMatchObject({ desired: "direct", effective: mode, effectiveReason: why });
    },
  );
});

describe("explainDecision", () => {
  it("is one sentence for every combination", () => {
    const sentences = new Set<string>();
    for (const facts of everyCombination()) sentences.add(explainDecision(decideMode(facts)));
    for (const sentence of sentences) expect(sentence).toMatch(/^[A-Z][^.]+(\.com)?[^.]*\.$/);
    expect(sentences.size).toBeGreaterThan(ROUTING_RULES.length);
  });
});
