import { describe, expect, it } from "vitest";
import { makeDirectTunnel } from "./testing/make-direct.ts";
import { makeTunnel } from "./testing/make-tunnel.ts";
import { tunnelStatus } from "./tunnel-words.ts";

describe("tunnelStatus", () => {
  const away = { phase: "degraded" as const, agents: [] };

  it("is the phase while an agent is there", () => {
    expect(tunnelStatus(makeTunnel())).toBe("active");
    expect(tunnelStatus(makeTunnel({ phase: "degraded" }))).toBe("degraded");
  });

  it("is unreachable when every agent is away and nothing else carries clients", () => {
    expect(tunnelStatus(makeTunnel(away))).toBe("unreachable");
    expect(tunnelStatus(makeDirectTunnel({ ...away, state: "not_answering" }))).toBe("unreachable");
  });

  it.each(["direct", "dual"] as const)("is served directly in %s, agents or not", (wanted) => {
    expect(tunnelStatus(makeDirectTunnel({ ...away, wanted }))).toBe("served_directly");
  });

  it("holds nothing against a tunnel before the server does", () => {
    expect(tunnelStatus(makeTunnel({ agents: [] }))).toBe("active");
  });

  it("is off when an operator switched it off, whoever is away", () => {
    expect(tunnelStatus(makeTunnel({ ...away, enabled: false }))).toBe("off");
  });
});
