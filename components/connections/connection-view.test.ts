import { describe, expect, it } from "vitest";
import { makeTunnel } from "#components/tunnels/testing/make-tunnel.ts";
import {
  closeTarget,
  countTunnels,
  filterConnections,
  nextConnectionOrder,
  parseConnectionOrder,
  sortConnections,
  type ConnectionFilter,
} from "./connection-view.ts";
import { makeConnection } from "./testing/make-connection.ts";

const tunnels = new Map([["tn_00000001", makeTunnel()]]);
const old = makeConnection({ id: "cn_00000001" });
const young = makeConnection({
  id: "cn_00000002",
  clusterId: "cl_00000002",
  tunnelId: "tn_00000009",
  clientAddress: "198.51.100.7:40122",
  openedAt: "2026-11-21T14:30:00.000Z",
});

describe("filterConnections", () => {
  const found = (text: string, change: Partial<ConnectionFilter> = {}) =>
    filterConnections([old, young], { text, clusterId: "any", via: "any", ...change }, tunnels).map(
      ({ id }) => id,
    );

  it("looks at client, agent, tunnel and cluster", () => {
    expect(found("198.51")).toEqual([young.id]);
    expect(found("postgres frankfurt")).toEqual([old.id]);
    expect(found("")).toHaveLength(2);
  });

  it("looks at what was asked for", () => {
    const request = {
      method: "GET",
      host: "shop.example.com",
      path: "/chat",
      upgrade: "websocket",
    };
    const socket = makeConnection({ id: "cn_00000004", request });
    const filter = { text: "websocket /chat shop", clusterId: "any", via: "any" } as const;
    expect(filterConnections([old, socket], filter, tunnels)).toEqual([socket]);
  });

  it("keeps to one cluster", () => {
    expect(found("", { clusterId: "cl_00000002" })).toEqual([young.id]);
  });
});

describe("filterConnections by the way", () => {
  const straight = makeConnection({
    id: "cn_00000003",
    via: "direct",
    agentId: null,
    agentName: null,
  });
  const found = (change: Partial<ConnectionFilter>) =>
    filterConnections(
      [old, straight],
      { text: "", clusterId: "any", via: "any", ...change },
      tunnels,
    ).map(({ id }) => id);

  it("tells what the relay connected itself from what an agent carries", () => {
    expect(found({ via: "direct" })).toEqual([straight.id]);
    expect(found({ via: "agent" })).toEqual([old.id]);
    expect(found({ text: "direct" })).toEqual([straight.id]);
  });
});

describe("sortConnections", () => {
  const sorted = (text: string) =>
    sortConnections([old, young], parseConnectionOrder(text), ({ id }) =>
      id === old.id ? 9 : 0,
    ).map(({ id }) => id);

  it("begins with the newest, and with the fastest when asked", () => {
    expect(sorted("opened")).toEqual([young.id, old.id]);
    expect(sorted("-opened")).toEqual([old.id, young.id]);
    expect(sorted("now")).toEqual([old.id, young.id]);
  });

  it("turns round at the second click", () => {
    expect(nextConnectionOrder(parseConnectionOrder("in"), "in")).toBe("-in");
    expect(nextConnectionOrder(parseConnectionOrder("-in"), "in")).toBe("in");
  });
});

describe("countTunnels", () => {
  it("counts each once", () => {
    expect(countTunnels([old, old, young])).toBe(2);
  });
});

describe("closeTarget", () => {
  const target = (change: Partial<ConnectionFilter>) =>
    closeTarget([old], { text: "", clusterId: "any", via: "any", ...change });

  it("names whole clusters only where nothing else was filtered out", () => {
    expect(target({ clusterId: old.clusterId })).toEqual({ clusterIds: [old.clusterId] });
    expect(target({ via: "agent" })).toEqual({ ids: [old.id] });
    expect(target({ text: "203" })).toEqual({ ids: [old.id] });
  });
});
