import { describe, expect, it } from "vitest";
import type { RoutingMode } from "#protocol/api/routing.ts";
import { modeEffects } from "./mode-effects.ts";
import { DIRECT_ADDRESS, makeDirectTunnel } from "./testing/make-direct.ts";
import { makeTunnel } from "./testing/make-tunnel.ts";

const effect = (
  mode: RoutingMode,
  ...[tunnel, openCount = 12]: [ReturnType<typeof makeTunnel>, number?]
) => modeEffects(tunnel, openCount).find(({ modes }) => modes.includes(mode))?.words;

describe("modeEffects", () => {
  it("leaves out the mode that is wanted already", () => {
    const modes = modeEffects(makeDirectTunnel({ wanted: "dual" }), 0).flatMap(
      (effect) => effect.modes,
    );
    expect(modes).toEqual(["tunnel", "direct"]);
  });

  it("says in numbers what becomes of open connections, and where new clients go", () => {
    const words = effect("direct", makeDirectTunnel({ wanted: "dual" }));
    expect(words).toBe(`new clients use ${DIRECT_ADDRESS}. 12 established connections live on.`);
  });

  it("promises no direct address before it is verified", () => {
    expect(effect("direct", makeDirectTunnel({ wanted: "tunnel" }))).toContain(
      "Until that address answers",
    );
    expect(effect("dual", makeDirectTunnel({ state: "not_answering" }))).toContain(
      "Until that address answers",
    );
  });

  it("says once that nothing would change without an address", () => {
    expect(modeEffects(makeTunnel(), 0)).toMatchObject([{ modes: ["direct", "dual"] }]);
    expect(effect("direct", makeTunnel())).toContain("no address");
  });

  it("says that a choice waits while the tunnel is forced", () => {
    const routingMode = {
      desired: "tunnel",
      effective: "tunnel",
      reason: "",
      forced: true,
    } as const;
    expect(effect("direct", makeTunnel({ routingMode }))).toContain("forced");
  });
});
