import { describe, expect, it } from "vitest";
import { makeTunnel } from "./testing/make-tunnel.ts";
import { makeHttpTunnel } from "./testing/make-http-tunnel.ts";
import { affectedBy, changeSentence, inverseOf, openOn } from "./tunnel-change.ts";

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

  it("knows which tunnels it would change", () => {
    const on = makeTunnel({ connections: { open: 3, total: 3 } });
    const off = makeTunnel({ id: "tn_00000002", enabled: false });
    expect(affectedBy([on, off], { enabled: false })).toEqual([on]);
  });

  it("says what is open in each protocol's own terms", () => {
    const tcp = makeTunnel({ connections: { open: 3, total: 3 } });
    const udp = makeTunnel({ protocol: "udp", connections: { open: 1, total: 3 } });
    const http = makeHttpTunnel({ connections: { open: 2, total: 9 } });
    expect(openOn([tcp, udp, http, tcp])).toEqual({
      count: 9,
      words: "6 connections, 1 association and 2 requests",
    });
    expect(openOn([udp])).toEqual({ count: 1, words: "1 association" });
    expect(openOn([makeTunnel(), makeHttpTunnel()])).toEqual({ count: 0, words: "" });
  });

  it("says for what a policy holds from now on", () => {
    const policy = {};
    expect(changeSentence([makeHttpTunnel()], { policy }).detail).toBe(
      "It holds for new requests.",
    );
    expect(changeSentence([makeTunnel(), makeHttpTunnel()], { policy }).detail).toBe(
      "It holds for what is opened from now on.",
    );
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
