import { describe, expect, it } from "vitest";
import {
  ROUTING_RULES,
  type ExplainDto,
  type RoutingRule,
  type TraceStep,
} from "#protocol/api/routing.ts";
import { explainWords } from "./explain-words.ts";

const AT = "2026-11-21T14:02:00.000Z";
const ON_C = { clusterName: "c", direct: null };
const NOW = new Date("2026-11-21T15:00:00.000Z").getTime();

function explain(
  asked: Partial<Record<RoutingRule, Partial<TraceStep>>>,
  change: Partial<ExplainDto> = {},
): ExplainDto {
  const trace = ROUTING_RULES.map((rule): TraceStep => {
    const step = asked[rule];
    return { rule, matched: step !== undefined, mode: null, setBy: null, setAt: null, ...step };
  });
  const desired = trace.find(({ mode }) => mode !== null)?.mode ?? "direct";
  return {
    desired,
    effective: desired,
    reason: "",
    effectiveReason: "as_desired",
    trace,
    ...change,
  };
}

describe("explainWords", () => {
  it("names who forced the cluster, and what would hold without it", () => {
    const words = explainWords(
      explain({
        cluster_force_tunnel: { mode: "tunnel", setBy: "ops@example.com", setAt: AT },
        operator_choice: { mode: "dual", setBy: "dev@example.com", setAt: AT },
        default_direct: { mode: "direct" },
      }),
      { clusterName: "prod-frankfurt", direct: null },
      NOW,
    );
    expect(words).toMatchObject({
      isForced: true,
      headline: "Tunnel, because the cluster is forced.",
      without: { mode: "dual", why: "chosen on this tunnel" },
    });
    expect(words.setBy).toMatch(/^Set on prod-frankfurt by ops@example\.com at \d\d:\d\d\.$/);
  });

  it("says why the tunnel carries what should go directly", () => {
    const words = explainWords(
      explain(
        { default_direct: { mode: "direct" } },
        { effective: "tunnel", effectiveReason: "direct_not_carried" },
      ),
      ON_C,
      NOW,
    );
    expect(words.carried).not.toBeNull();
    expect(words.without).toBeNull();
    expect(words.isForced).toBe(false);
  });

  it("names the direct address and since when it does not answer", () => {
    const { carried } = explainWords(
      explain(
        { default_direct: { mode: "direct" } },
        { effective: "tunnel", effectiveReason: "direct_not_answering" },
      ),
      {
        clusterName: "c",
        direct: {
          address: "198.51.100.7:5432",
          state: "not_answering",
          reason: "nothing answered",
          rttMs: null,
          since: AT,
        },
      },
      NOW,
    );
    expect(carried).toMatch(
      /^198\.51\.100\.7:5432 has not answered since \d\d:\d\d, so the tunnel/,
    );
  });

  it.each(ROUTING_RULES)("has words for %s", (rule) => {
    const words = explainWords(explain({ [rule]: { mode: "tunnel" } }), ON_C, NOW);
    expect(words.headline).toMatch(/^Tunnel, (because|as) .+\.$/);
  });
});
