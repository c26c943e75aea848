import { describe, expect, it } from "vitest";
import { makeConnection } from "#components/connections/testing/make-connection.ts";
import { AgentDto } from "#protocol/api/clusters.ts";
import { RelayDto } from "#protocol/api/settings.ts";
import type { HopKind, PathFacts } from "./path-facts.ts";
import { DIRECT_ADDRESS, makeDirectTunnel } from "./testing/make-direct.ts";
import { makeHttpTunnel } from "./testing/make-http-tunnel.ts";
import { makeTunnel } from "./testing/make-tunnel.ts";
import { drawPath, findProblem } from "./tunnel-path.ts";

const IN_USE = "Port 8080 is in use by another program on the relay's machine.";
const AT = "2026-11-21T14:02:11.000Z";
const relay = RelayDto.parse({
  id: "rl_1",
  status: "connected",
  startedAt: AT,
  restarts: 0,
  agentLinks: 1,
  connectionsOpen: 1,
  memoryBytes: 1,
});
const agent = AgentDto.parse({
  id: "ag_00000001",
  clusterId: "cl_00000001",
  name: "frankfurt-a",
  instanceId: "i",
  version: "1",
  capabilities: [],
  relays: [{ relayId: "rl_1", rttMs: 23.4, since: AT }],
  streams: 1,
  status: "connected",
  startedAt: AT,
  lastSeenAt: AT,
  pending: null,
});

function draw(change: Partial<PathFacts> = {}) {
  const hops = drawPath({
    tunnel: makeTunnel(),
    cluster: { name: "prod-frankfurt", status: "connected" },
    agents: [agent],
    relays: [relay],
    open: [makeConnection()],
    bytesPerSecond: 1_000_000,
    openCount: 1,
    ...change,
  });
  const hop = (kind: HopKind) => hops.find((candidate) => candidate.kind === kind);
  return { hops, hop, problem: findProblem(hops) };
}

describe("drawPath", () => {
  it("goes from client to backend, all well", () => {
    const { hops, problem } = draw();
    expect(hops.map(({ kind }) => kind)).toEqual([
      "client",
      "endpoint",
      "relay",
      "agent",
      "backend",
    ]);
    expect(hops.every(({ state }) => state === "ok")).toBe(true);
    expect(problem).toBeNull();
  });

  it("puts what was measured on the wires and nothing else", () => {
    const { hop } = draw();
    expect(hop("client")?.wire).toBe("8.00 Mbit/s");
    expect(hop("endpoint")?.wire).toBeNull();
    expect(hop("relay")?.wire).toBe("23 ms");
    expect(hop("agent")?.wire).toBe("12 ms");
  });

  it("names no number that is not known yet", () => {
    const { hops } = draw({ agents: undefined, open: undefined, bytesPerSecond: null });
    expect(hops.every(({ wire }) => wire === null)).toBe(true);
  });

  it("is idle, not broken, without a client", () => {
    const { hop, problem } = draw({ open: [], openCount: 0 });
    expect(hop("client")?.state).toBe("idle");
    expect(problem).toBeNull();
  });

  it.each<[string, HopKind, Partial<PathFacts>]>([
    ["no agent serves it", "agent", { tunnel: makeTunnel({ agents: [] }) }],
    ["it is switched off", "endpoint", { tunnel: makeTunnel({ enabled: false }) }],
    [
      "nothing is published",
      "endpoint",
      { tunnel: makeTunnel({ endpoints: [], phase: "pending" }) },
    ],
    ["no route names a backend", "backend", { tunnel: makeTunnel({ backends: [] }) }],
    [
      "nothing listens at its endpoint",
      "endpoint",
      {
        tunnel: makeHttpTunnel({
          phase: "degraded",
          phaseReason: IN_USE,
          endpoints: [
            { kind: "edge", address: "shop.example.com:80", verifiedAt: null, problem: IN_USE },
          ],
        }),
      },
    ],
  ])("breaks at the right hop when %s", (_when, kind, change) => {
    const { problem } = draw(change);
    expect(problem).toMatchObject({ kind, state: "broken" });
    expect(problem?.problem).not.toBeNull();
  });

  it("does not claim to know the backends while no agent is there to see them", () => {
    const { hop } = draw({ tunnel: makeTunnel({ agents: [] }), agents: [] });
    expect(hop("backend")).toMatchObject({ state: "unknown", problem: null });
    expect(hop("agent")?.state).toBe("broken");
  });

  it("warns when some backends are not ready and breaks when none is", () => {
    const [backend] = makeTunnel().backends;
    const withReady = (...ready: boolean[]) =>
      draw({
        tunnel: makeTunnel({
          backends: ready.flatMap((isReady) =>
            backend === undefined ? [] : [{ ...backend, ready: isReady }],
          ),
        }),
      }).hop("backend")?.state;
    expect(withReady(true, false)).toBe("warning");
    expect(withReady(false, false)).toBe("broken");
  });

  it("says that the relay is lost without calling the tunnel broken", () => {
    const { problem } = draw({ relays: [{ ...relay, status: "lost" }] });
    expect(problem).toMatchObject({ kind: "relay", state: "warning" });
  });

  it("breaks nothing for a way that is not in force: in direct mode, an absent agent is a warning", () => {
    const { hops, problem, hop } = draw({ tunnel: makeDirectTunnel({ agents: [] }), agents: [] });
    expect(hops.some(({ state }) => state === "broken")).toBe(false);
    expect(problem).toMatchObject({ kind: "agent", state: "warning" });
    expect(hop("endpoint")).toMatchObject({ title: "Port 15002", state: "idle" });
  });

  it("tells HTTP by its host name, in requests, with the time to the first byte", () => {
    const latencyMs = { p50: 8.2, p90: 20, p99: 40 };
    const { hop } = draw({ tunnel: makeHttpTunnel({ latencyMs }), openCount: 2 });
    expect(hop("client")?.title).toBe("2 requests");
    expect(hop("endpoint")).toMatchObject({
      title: "shop-00000001.tunnel.localhost",
      detail: "port 8080",
    });
    expect(hop("agent")?.wire).toBe("8.2 ms");
    expect(draw({ tunnel: makeHttpTunnel(), openCount: 0 }).hop("client")).toMatchObject({
      title: "No request",
      detail: "in flight",
    });
  });

  it("points at the backend while the service has not answered since it last failed", () => {
    const after = (reason: string, change: { isOver?: boolean } = {}) =>
      draw({ tunnel: makeTunnel({ lastError: { reason, at: AT, isOver: false, ...change } }) });
    const { problem, hop } = after("dial_refused");
    expect(problem).toMatchObject({
      kind: "backend",
      state: "warning",
      problem: "Service refused the connection when it was last tried.",
    });
    expect(hop("backend")?.detail).toBe("not answering");
    expect(after("dial_forbidden").hop("backend")?.detail).toBe("not allowed");
    expect(after("dial_not_found").hop("backend")?.detail).toBe("not found");
    expect(after("route_timeout").problem).toBeNull();
    expect(after("backend_timeout").problem?.kind).toBe("backend");
    expect(after("dial_refused", { isOver: true }).problem).toBeNull();
    expect(after("agent_offline").problem).toBeNull();
  });

  it("ends at the relay where routes only redirect: nothing is missing there", () => {
    const { hop, problem } = draw({ tunnel: makeHttpTunnel({ backends: [] }) });
    expect(hop("backend")).toMatchObject({ state: "idle", detail: "its routes only redirect" });
    expect(problem).toBeNull();
    const pending = makeHttpTunnel({ backends: [], phase: "pending", phaseReason: "No route." });
    expect(draw({ tunnel: pending }).hop("backend")).toMatchObject({
      state: "broken",
      problem: "No route.",
    });
  });

  it("goes past absent agents to the direct address in dual mode", () => {
    const tunnel = makeDirectTunnel({ wanted: "dual", agents: [] });
    const { hops, problem, hop } = draw({ tunnel, agents: [] });
    expect(hops.at(-1)).toMatchObject({ kind: "gateway", title: DIRECT_ADDRESS, state: "ok" });
    expect(hop("agent")?.state).toBe("warning");
    expect(problem?.problem).toContain("direct address");
  });
});
