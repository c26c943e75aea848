import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { edgeAddress, ownLabel, ownName } from "./own-name.ts";

const id = "tn_0mk2x9a1b4k2n9x0a";

describe("a tunnel's own name", () => {
  it.each([
    ["shop", "shop-4k2n9x0a"],
    ["Shop.Web", "shop-web-4k2n9x0a"],
    ["xn--caf-dma", "xn-caf-dma-4k2n9x0a"],
    ["a..b--c", "a-b-c-4k2n9x0a"],
    ["-.-", "4k2n9x0a"],
    ["g".repeat(253), `${"g".repeat(54)}-4k2n9x0a`],
    [`${"g".repeat(53)}.web`, `${"g".repeat(53)}-4k2n9x0a`],
  ])("begins with the Gateway's name, %s, made a DNS label", (gateway, label) => {
    expect(ownLabel({ id, gateway })).toBe(label);
    expect(ownName({ id, gateway }, { domain: "tunnel.test" })).toBe(`${label}.tunnel.test`);
  });

  it("is one valid label for any name, without what browsers would decode", () => {
    const character = fc.constantFrom(..."xn-.aZ09_ é\u0000\u{1f600}");
    fc.assert(
      fc.property(fc.string({ maxLength: 100, unit: character }), (gateway) => {
        const label = ownLabel({ id, gateway });
        expect(label).toMatch(/^[a-z0-9](?:-?[a-z0-9])*$/);
        expect(label.length).toBeLessThanOrEqual(63);
        expect(new URL(`http://${label}.tunnel.test`).hostname).toBe(`${label}.tunnel.test`);
      }),
    );
  });

  it("is found at the edge's port, which URLs leave out where it is HTTP's own", () => {
    expect(edgeAddress("a.test", { port: 8080 })).toBe("a.test:8080");
    expect(edgeAddress("a.test", { port: 80 })).toBe("a.test");
  });
});
