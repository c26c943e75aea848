import { describe, expect, it } from "vitest";
import { makeTunnel } from "./testing/make-tunnel.ts";
import { affectedBy, changeSentence, inverseOf, openConnectionsOf } from "./tunnel-change.ts";

describe("a change and its way back", () => {
  it("goes back to what stood before, not to the opposite", () => {
    const dual = makeTunnel({ chosenMode: "dual" });
    expect(inverseOf(dual, { routingMode: null })).toEqual({ routingMode: "dual" });
    expect(inverseOf(makeTunnel(), { routingMode: "direct" })).toEqual({ routingMode: null });
    expect(inverseOf(makeTunnel({ enabled: true }), { enabled: false })).toEqual({ enabled: true });
  });

  it("touches nothing that the change did not name", () => {
    expect(Object.keys(inverseOf(makeTunnel(), { forceTunnel: true }))).toEqual(["forceTunnel"]);
  });

  it("knows which tunnels it would change, and what they carry", () => {
    const on = makeTunnel({ connections: { open: 3, total: 3 } });
    const off = makeTunnel({ id: "tn_00000002", enabled: false });
    expect(affectedBy([on, off], { enabled: false })).toEqual([on]);
    expect(openConnectionsOf([on, off])).toBe(3);
  });

  it("names one tunnel and counts many", () => {
    const one = makeTunnel();
    const two = makeTunnel({ id: "tn_00000002" });
    expect(changeSentence([one], { forceTunnel: true }).title).toBe(
      "postgres is forced through the tunnel",
    );
    expect(changeSentence([one, two], { enabled: false }).title).toBe("2 tunnels are switched off");
  });
});
