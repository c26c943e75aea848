import { describe, expect, it } from "vitest";
import { diffInventory } from "#protocol/control/inventory-change.ts";
import { LiveState } from "#server/services/live-state.ts";
import {
  RELAY,
  inventoryOf,
  linkOf,
  tcpListener,
} from "#server/services/testing/setup-services.ts";
import { noteInventory, noteInventoryChange } from "./follow-inventory.ts";

const AT = new Date("2026-01-02T03:04:05Z");
const CLUSTER = "cl_aaaaaaaaaaaaaaaaaaaa";

/** An agent with a link to each of two relays. */
function setup() {
  const live = new LiveState();
  const [one, two] = ["rl_1", "rl_2"].map((relayId) => {
    live.relayConnected({ ...RELAY, relayId, instanceId: relayId });
    const link = { ...linkOf(CLUSTER, "a", AT), linkId: `link-${relayId}` };
    live.relayEvent(relayId, { kind: "link_opened", link });
    const relay = live.relays.find(relayId);
    if (relay === null) throw new Error("no relay");
    return { relay, link };
  });
  if (one === undefined || two === undefined) throw new Error("no links");
  const inventories = [1, 2, 3].map((n) => inventoryOf(n, [tcpListener(n)]));
  const [first, second, third] = inventories;
  if (first === undefined || second === undefined || third === undefined) throw new Error();
  const { linkId, agentId } = one.link;
  const newest = () => live.relays.inventoryOf(agentId)?.inventory;
  return { live, one, two, first, second, third, linkId, agentId, newest };
}

describe("the inventory of an agent", () => {
  it("follows the changes of a link", () => {
    const { live, one, first, second, linkId, newest } = setup();
    noteInventory(one.relay, { linkId, inventory: first, at: AT });
    const change = diffInventory(first, second);
    expect(noteInventoryChange(live.relays, one.relay, { linkId, change, at: AT })).toBe(true);
    expect(newest()).toEqual(second);
  });

  it("is held once, however many relays report it, and each link builds on its own", () => {
    const { live, one, two, first, second, third, linkId, newest } = setup();
    for (const { relay, link } of [one, two]) {
      noteInventory(relay, { linkId: link.linkId, inventory: first, at: AT });
    }
    const follow = (at: typeof one, change: ReturnType<typeof diffInventory>): boolean =>
      noteInventoryChange(live.relays, at.relay, { linkId: at.link.linkId, change, at: AT });
    expect(follow(one, diffInventory(first, second))).toBe(true);
    // The other link was slower: it goes from the first to the third at once.
    expect(follow(two, diffInventory(first, third))).toBe(true);
    expect(newest()).toEqual(third);
    expect(follow(one, diffInventory(second, third))).toBe(true);
    expect(one.relay.inventories.get(linkId)?.inventory).toBe(newest());
  });

  it("does not follow a change on something else", () => {
    const { live, one, first, second, third, linkId, newest } = setup();
    const change = diffInventory(second, third);
    expect(noteInventoryChange(live.relays, one.relay, { linkId, change, at: AT })).toBe(false);
    noteInventory(one.relay, { linkId, inventory: first, at: AT });
    expect(noteInventoryChange(live.relays, one.relay, { linkId, change, at: AT })).toBe(false);
    expect(newest()).toBe(first);
  });

  it("is that of the agent's later start, whatever its generation", () => {
    const { live, one, two, first, third, newest } = setup();
    const link = { ...two.link, instanceId: "a-later-start", startedAt: AT.getTime() + 1 };
    live.relayEvent("rl_2", { kind: "link_changed", link });
    noteInventory(two.relay, { linkId: link.linkId, inventory: first, at: AT });
    noteInventory(one.relay, { linkId: one.link.linkId, inventory: third, at: AT });
    expect(newest()).toBe(first);
  });

  it("goes with the last link", () => {
    const { live, one, first, linkId, agentId, newest } = setup();
    noteInventory(one.relay, { linkId, inventory: first, at: AT });
    const { clusterId } = one.link;
    const end = { at: AT.getTime(), code: 1006, reason: "gone" };
    live.relayEvent("rl_1", { kind: "link_closed", linkId, agentId, clusterId, ...end });
    expect(newest()).toBeUndefined();
  });
});
