import { cleanup, render, screen, within } from "@testing-library/react";
import { afterEach, expect, it } from "vitest";
import type { TunnelDto } from "#protocol/api/tunnels.ts";
import { PathCard } from "./path-card.tsx";
import { DIRECT_ADDRESS, makeDirectTunnel } from "./testing/make-direct.ts";
import { makeTunnel } from "./testing/make-tunnel.ts";
import { drawPath } from "./tunnel-path.ts";
import { drawWays } from "./tunnel-ways.ts";

afterEach(cleanup);

const NOW = new Date("2026-11-21T15:00:00.000Z").getTime();

function show(tunnel: TunnelDto) {
  const hops = drawPath({
    tunnel,
    cluster: { name: "prod-frankfurt", status: "connected" },
    agents: undefined,
    relays: undefined,
    open: [],
    bytesPerSecond: null,
    openCount: 0,
  });
  const ways = drawWays({ tunnel, openCount: 0, now: NOW });
  render(<PathCard tunnel={tunnel} hops={hops} ways={ways} />);
  const lane = (name: string) => screen.queryByRole("region", { name });
  return { lane };
}

it("draws one way, unnamed, where there is no other", () => {
  show(makeTunnel());
  expect(screen.getAllByRole("list")).toHaveLength(1);
  expect(screen.queryByText("In force")).toBeNull();
});

it("marks by a word which way is in force, and leaves the other its reason", () => {
  const { lane } = show(makeDirectTunnel({ state: "unverified" }));
  expect(lane("Through the relay, in force")).not.toBeNull();
  const direct = lane("Directly, not in force");
  expect(direct).not.toBeNull();
  if (direct === null) return;
  within(direct).getByText("Not in force");
  within(direct).getByText(/Not verified yet: nothing answered/);
  within(direct).getByRole("button", { name: "Copy direct address" });
});

it("marks both in dual mode, and says in one sentence where clients go", () => {
  const { lane } = show(makeDirectTunnel({ wanted: "dual" }));
  expect(lane("Through the relay, in force")).not.toBeNull();
  expect(lane("Directly, in force")).not.toBeNull();
  screen.getByText(
    `New clients reach the service through the relay at culvert.example.com:15002, and directly at ${DIRECT_ADDRESS}.`,
  );
});

it("offers nothing to copy where no address is known", () => {
  const routingMode = {
    desired: "direct",
    effective: "tunnel",
    reason: "",
    forced: false,
  } as const;
  show(makeTunnel({ routingMode }));
  screen.getByText("The Gateway has no address that clients could reach.");
  expect(screen.queryByRole("button")).toBeNull();
});

it("says why a tunnel is degraded, also where no hop shows it", () => {
  show(makeTunnel({ phase: "degraded", phaseReason: "Something is amiss." }));
  expect(screen.getByRole("status").textContent).toBe("Something is amiss.");
  cleanup();
  show(makeTunnel());
  expect(screen.queryByRole("status")).toBeNull();
});
