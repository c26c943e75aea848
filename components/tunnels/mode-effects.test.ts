import { describe, expect, it } from "vitest";
import { modeEffects } from "./mode-effects.ts";
import { DIRECT_ADDRESS, makeDirectTunnel } from "./testing/make-direct.ts";
import { makeTunnel } from "./testing/make-tunnel.ts";

const effect = (
  mode: string,
  ...[tunnel, openCount = 12]: [ReturnType<typeof makeTunnel>, number?]
) => modeEffects(tunnel, openCount).find((candidate) => candidate.mode === mode)?.words;

describe("modeEffects", () => {
  it("leaves out the mode that is wanted already", () => {
    const modes = modeEffects(makeDirectTunnel({ wanted: "dual" }), 0).map(({ mode }) => mode);
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

  it("says that nothing would change without an address", () => {
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
