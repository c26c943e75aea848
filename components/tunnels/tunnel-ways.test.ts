import { describe, expect, it } from "vitest";
import type { TunnelDto } from "#protocol/api/tunnels.ts";
import { DIRECT_ADDRESS, makeDirectTunnel } from "./testing/make-direct.ts";
import { makeTunnel } from "./testing/make-tunnel.ts";
import { drawWays, waysSummary } from "./tunnel-ways.ts";

const NOW = new Date("2026-11-21T15:00:00.000Z").getTime();

function draw(tunnel: TunnelDto, openCount = 12) {
  const ways = drawWays({ tunnel, openCount, now: NOW });
  return { ...ways, summary: waysSummary(ways, tunnel) };
}

describe("drawWays", () => {
  it("draws one way where no direct address is wanted or known", () => {
    expect(draw(makeTunnel())).toMatchObject({
      relay: { isInForce: true, note: null },
      direct: null,
    });
  });

  it("puts the direct address alone in force, and says what lives on at the relay", () => {
    const { relay, direct, summary } = draw(makeDirectTunnel());
    expect(relay).toEqual({
      isInForce: false,
      note: "12 established connections live on. New clients are refused here.",
    });
    expect(direct).toMatchObject({
      isInForce: true,
      address: DIRECT_ADDRESS,
      state: "ok",
      wire: "0.4 ms",
    });
    expect(direct?.note).toMatch(/^Answers since \d\d:\d\d, connects in 0\.4 ms\.$/);
    expect(summary).toBe(`New clients reach the service directly at ${DIRECT_ADDRESS}.`);
  });

  it("says after how long the policy closes what lives on", () => {
    const { policy } = makeTunnel();
    const tunnel = makeDirectTunnel({ policy: { ...policy, directDrainMs: 300_000 } });
    expect(draw(tunnel, 1).relay.note).toContain("1 established connection is closed after 5 m.");
  });

  it("speaks of HTTP and UDP in their own terms", () => {
    const direct = makeDirectTunnel();
    const note = (protocol: TunnelDto["protocol"], openCount: number) =>
      draw({ ...direct, protocol }, openCount).relay.note;
    expect(note("http", 2)).toBe("2 established requests live on. New clients are refused here.");
    expect(note("http", 0)).toBe("No request is open. New clients are refused here.");
    expect(note("udp", 1)).toContain("1 established association lives on.");
  });

  it("lets the relay carry all until the address answers, and says why it does not", () => {
    const { relay, direct } = draw(makeDirectTunnel({ state: "unverified" }));
    expect(relay.isInForce).toBe(true);
    expect(relay.note).not.toBeNull();
    expect(direct).toMatchObject({
      isInForce: false,
      state: "warning",
      wire: null,
      note: `Not verified yet: nothing answered at ${DIRECT_ADDRESS}.`,
    });
  });

  it("tells an address that was lost from one that never answered", () => {
    const { direct } = draw(makeDirectTunnel({ state: "not_answering" }));
    expect(direct?.state).toBe("broken");
    expect(direct?.note).toMatch(/^Has not answered since \d\d:\d\d: nothing answered/);
  });

  it("has both ways in force in dual mode, with what the relay falls back to", () => {
    const { relay, direct, summary } = draw(makeDirectTunnel({ wanted: "dual" }));
    expect([relay.isInForce, direct?.isInForce]).toEqual([true, true]);
    expect(relay.note).toContain(DIRECT_ADDRESS);
    expect(summary).toContain(", and directly at ");
  });

  it("shows a known address that no mode asks for, unused and not checked", () => {
    const { direct } = draw(makeDirectTunnel({ wanted: "tunnel" }));
    expect(direct).toMatchObject({ isInForce: false, state: "unknown", address: DIRECT_ADDRESS });
  });

  it("says that a mode wants an address where there is none", () => {
    const routingMode = { desired: "direct", effective: "tunnel", reason: "", forced: false };
    const { direct } = draw(makeTunnel({ routingMode } as Partial<Omit<TunnelDto, "id">>));
    expect(direct).toMatchObject({ isInForce: false, address: null });
  });

  it("does not call an address absent that no relay has spoken of yet", () => {
    const { direct } = draw(makeDirectTunnel({ state: "unverified", direct: null }));
    expect(direct).toMatchObject({ state: "unknown", note: "Not checked yet." });
  });

  it("has no way in force while it is switched off", () => {
    const { relay, direct, summary } = draw(makeDirectTunnel({ enabled: false }));
    expect([relay.isInForce, direct?.isInForce]).toEqual([false, false]);
    expect(summary).toBe("New clients are refused.");
  });
});
