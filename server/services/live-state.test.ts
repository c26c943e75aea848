import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AgentRefusal, ListenerState, TunnelCounters } from "#protocol/relay/events.ts";
import { CounterBook } from "./live/counter-book.ts";
import { REFUSALS_KEPT, RefusalLog } from "./live/refusal-log.ts";
import { LiveState } from "./live-state.ts";
import { httpCountsOf } from "./testing/http-records.ts";
import {
  EMPTY_SNAPSHOT,
  RELAY,
  closedConnectionOf,
  connectionOf,
  linkOf,
  listeningOn,
} from "./testing/setup-services.ts";

const AT = new Date("2026-01-02T03:04:05Z");
const CLUSTER = "cl_aaaaaaaaaaaaaaaaaaaa";
const TUNNEL = "tn_aaaaaaaaaaaaaaaaaaaa";

function setup() {
  const live = new LiveState();
  live.relayConnected(RELAY);
  return live;
}

const counters = (facts: Partial<TunnelCounters>): TunnelCounters => ({
  tunnelId: TUNNEL as TunnelCounters["tunnelId"],
  bytesIn: 0,
  bytesOut: 0,
  opened: 0,
  failed: 0,
  open: 0,
  ...facts,
});

const closedOf = (facts: object) => closedConnectionOf(connectionOf(TUNNEL, CLUSTER, AT), facts);

describe("a relay's snapshot", () => {
  it("replaces what was known of it, and nothing of others", () => {
    const live = setup();
    live.relayConnected({ ...RELAY, relayId: "rl_2", instanceId: "instance-2" });
    const other = connectionOf(TUNNEL, CLUSTER, AT);
    live.relayEvent("rl_2", { kind: "connection_opened", connection: other });
    const [kept, gone, closed, fresh] = [1, 2, 3, 4].map(() => connectionOf(TUNNEL, CLUSTER, AT));
    if (!kept || !gone || !closed || !fresh) throw new Error("four connections");
    for (const connection of [kept, gone, closed]) {
      live.relayEvent(RELAY.relayId, { kind: "connection_opened", connection });
    }
    const { vanished } = live.relaySnapshot(RELAY.relayId, {
      ...EMPTY_SNAPSHOT,
      connections: [kept, fresh],
      closedMeanwhile: [closedOf({ id: closed.id })],
      links: [linkOf(CLUSTER, "agent-1", AT)],
      listeners: [listeningOn(TUNNEL, 20_000, AT)],
    });
    expect(vanished.map(({ id }) => id)).toEqual([gone.id]);
    const open = live.connections.list({ tunnelId: TUNNEL }).map(({ id }) => id);
    expect(open.sort()).toEqual([kept.id, fresh.id, other.id].sort());
    expect(live.relays.linksOfCluster(CLUSTER)).toHaveLength(1);
    expect(live.relays.listenersOf(TUNNEL)).toHaveLength(1);
    live.relaySnapshot(RELAY.relayId, EMPTY_SNAPSHOT);
    expect(live.relays.links()).toEqual([]);
    expect(live.relays.listenersOf(TUNNEL)).toEqual([]);
  });

  it("is what makes absence mean something", () => {
    const live = setup();
    expect(live.relays.isInformed).toBe(false);
    live.relaySnapshot(RELAY.relayId, EMPTY_SNAPSHOT);
    expect(live.relays.isInformed).toBe(true);
    live.relayLost(RELAY.relayId);
    expect(live.relays.isInformed).toBe(false);
  });

  it("puts what it counted before we knew it into totals only", () => {
    const live = setup();
    const first = live.relaySnapshot(RELAY.relayId, {
      ...EMPTY_SNAPSHOT,
      counters: [counters({ bytesIn: 100, opened: 1 })],
    });
    expect(first.deltas).toEqual([]);
    expect(live.counters.totalsOf(TUNNEL)).toMatchObject({ bytesIn: 100, opened: 1 });
    const second = live.relaySnapshot(RELAY.relayId, {
      ...EMPTY_SNAPSHOT,
      counters: [counters({ bytesIn: 130, opened: 1 })],
    });
    expect(second.deltas).toMatchObject([{ bytesIn: 30, opened: 0 }]);
  });
});

describe("a relay that starts again", () => {
  it("loses its links and connections, and keeps its totals", () => {
    const live = setup();
    const connection = connectionOf(TUNNEL, CLUSTER, AT);
    live.relayEvent(RELAY.relayId, { kind: "connection_opened", connection });
    const link = linkOf(CLUSTER, "agent-1", AT);
    live.relayEvent(RELAY.relayId, { kind: "link_opened", link });
    live.relayCounters(RELAY.relayId, {
      at: 1,
      tunnels: [counters({ bytesIn: 5, open: 1 })],
      connections: [],
      memoryBytes: 7,
    });
    expect(live.relayConnected(RELAY)).toEqual([]);
    const lost = live.relayConnected({ ...RELAY, instanceId: "instance-2" });
    expect(lost.map(({ id }) => id)).toEqual([connection.id]);
    expect(live.connections.count({})).toBe(0);
    expect(live.relays.links()).toEqual([]);
    expect(live.counters.openOf(TUNNEL)).toBe(0);
    expect(live.counters.totalsOf(TUNNEL).bytesIn).toBe(5);
    expect(live.relays.find(RELAY.relayId)).toMatchObject({ restarts: 1, isInformed: false });
  });
});

describe("events", () => {
  it("move a connection from open to closed, and keep the newest failure", () => {
    const live = setup();
    const connection = connectionOf(TUNNEL, CLUSTER, AT);
    live.relayEvent(RELAY.relayId, { kind: "connection_opened", connection });
    live.relayEvent(RELAY.relayId, {
      kind: "connection_established",
      id: connection.id,
      agentId: linkOf(CLUSTER, "agent-1", AT).agentId,
      agentName: "agent-1",
      via: "agent",
      openLatencyMs: 3,
    });
    expect(live.connections.find(connection.id)).toMatchObject({ agentName: "agent-1" });
    live.relayCounters(RELAY.relayId, {
      at: 1,
      tunnels: [],
      connections: [
        {
          id: connection.id,
          bytesIn: 1,
          bytesOut: 2,
          lastActivityAt: 3,
          messages: { in: 4, out: 5 },
        },
      ],
      memoryBytes: 1,
    });
    expect(live.connections.find(connection.id)).toMatchObject({
      bytesIn: 1,
      bytesOut: 2,
      messages: { in: 4, out: 5 },
    });
    const closedAt = AT.getTime() + 60_000;
    const closed = closedOf({ id: connection.id, closeReason: "dial_refused", closedAt });
    live.relayEvent(RELAY.relayId, { kind: "connection_closed", connection: closed });
    expect(live.connections.count({ clusterId: CLUSTER })).toBe(0);
    expect(live.outcomes.lastErrorOf(TUNNEL)).toEqual({
      reason: "dial_refused",
      at: closedAt,
      isOver: false,
    });
    live.forgetTunnel(TUNNEL);
    expect(live.outcomes.lastErrorOf(TUNNEL)).toBeNull();
  });

  it("of a relay nobody knows change nothing", () => {
    const live = new LiveState();
    const connection = connectionOf(TUNNEL, CLUSTER, AT);
    live.relayEvent("rl_9", { kind: "connection_opened", connection });
    expect(live.connections.count({})).toBe(0);
  });
});

describe("CounterBook", () => {
  it("gives the same totals however often and in whatever order reports repeat", () => {
    const growth = fc.array(
      fc.record({ bytesIn: fc.nat(1_000), bytesOut: fc.nat(1_000), opened: fc.nat(3) }),
      { minLength: 1, maxLength: 20 },
    );
    fc.assert(
      fc.property(growth, fc.array(fc.nat(19), { maxLength: 40 }), (steps, repeats) => {
        let sum = { bytesIn: 0, bytesOut: 0, opened: 0 };
        const reports = steps.map((step) => {
          sum = {
            bytesIn: sum.bytesIn + step.bytesIn,
            bytesOut: sum.bytesOut + step.bytesOut,
            opened: sum.opened + step.opened,
          };
          return counters(sum);
        });
        const book = new CounterBook();
        let counted = 0;
        for (const report of reports) {
          counted += book.update("one", report)?.bytesIn ?? 0;
          for (const index of repeats) {
            const older = reports[Math.min(index, reports.indexOf(report))];
            if (older !== undefined) counted += book.update("one", older)?.bytesIn ?? 0;
          }
        }
        expect(book.totalsOf(TUNNEL)).toMatchObject(sum);
        expect(counted).toBe(sum.bytesIn);
      }),
    );
  });

  it("adds the starts of relays up and hands out what is not stored yet, once", () => {
    const book = new CounterBook();
    book.seed([
      { tunnelId: TUNNEL, relayInstance: "", bytesIn: 5, bytesOut: 1, opened: 1, failed: 0 },
    ]);
    book.update("one", counters({ bytesIn: 10, open: 2 }));
    book.update("two", counters({ bytesIn: 20, open: 3 }));
    expect(book.totalsOf(TUNNEL)).toEqual({ bytesIn: 35, bytesOut: 1, opened: 1, failed: 0 });
    expect(book.openOf(TUNNEL)).toBe(5);
    expect(book.takeDirty().map(({ relayInstance }) => relayInstance)).toEqual(["one", "two"]);
    expect(book.takeDirty()).toEqual([]);
  });
});

describe("figures of a protocol", () => {
  const report = (live: LiveState, at: number, facts: Partial<TunnelCounters>) =>
    live.relayCounters(RELAY.relayId, {
      at,
      tunnels: [counters(facts)],
      connections: [],
      memoryBytes: 1,
    });
  const now = AT.getTime();

  it("are told as what they grew by, and summed over relays", () => {
    const live = setup();
    live.relayConnected({ ...RELAY, relayId: "rl_2", instanceId: "instance-2" });
    live.relaySnapshot(RELAY.relayId, EMPTY_SNAPSHOT);
    report(live, now, { http: httpCountsOf({ ok: 2 }) });
    const grown = report(live, now, {
      http: httpCountsOf({ ok: 5, notFound: 1 }, { in: 7, out: 8 }),
    });
    expect(grown).toMatchObject([
      { bytesIn: 0, http: { classes: [0, 3, 0, 1, 0], messages: { in: 7, out: 8 } } },
    ]);
    const tunnels = [counters({ http: httpCountsOf({ ok: 10 }) })];
    live.relayCounters("rl_2", { at: now, tunnels, connections: [], memoryBytes: 1 });
    expect(live.counters.httpOf(TUNNEL)).toMatchObject({
      classes: [0, 15, 0, 1, 0],
      messages: { in: 7, out: 8 },
    });
  });

  it("say how many requests are in flight, most of which never become a row", () => {
    const live = setup();
    const connection = connectionOf(TUNNEL, CLUSTER, AT);
    live.relayEvent(RELAY.relayId, { kind: "connection_opened", connection });
    report(live, now, { open: 3 });
    expect(live.openCountOf(TUNNEL)).toBe(1);
    report(live, now, { open: 3, http: httpCountsOf({ ok: 5 }) });
    expect(live.openCountOf(TUNNEL)).toBe(3);
  });

  it("count once when a report comes again, and not when an older one follows", () => {
    const live = setup();
    report(live, now, { http: httpCountsOf({ ok: 5 }) });
    expect(report(live, now, { http: httpCountsOf({ ok: 5 }) })).toEqual([]);
    expect(report(live, now, { http: httpCountsOf({ ok: 4, notFound: 1 }) })).toEqual([]);
    expect(live.counters.httpOf(TUNNEL)).toEqual(httpCountsOf({ ok: 5 }));
  });

  it("begin anew with the relay process", () => {
    const live = setup();
    report(live, now, { opened: 5, http: httpCountsOf({ ok: 5 }) });
    live.relayConnected({ ...RELAY, instanceId: "instance-2" });
    expect(live.counters.httpOf(TUNNEL)).toEqual(httpCountsOf({}));
    expect(live.counters.totalsOf(TUNNEL).opened).toBe(5);
  });

  it("begin anew for datagrams, too", () => {
    const live = setup();
    report(live, now, { bytesIn: 5, datagrams: { in: 4, out: 3, dropped: 2 } });
    live.relayConnected({ ...RELAY, instanceId: "instance-2" });
    expect(live.counters.datagramsOf(TUNNEL)).toBeNull();
    report(live, now, { datagrams: { in: 1, out: 0, dropped: 0 } });
    expect(live.counters.datagramsOf(TUNNEL)).toEqual({ in: 1, out: 0, dropped: 0 });
    expect(live.counters.totalsOf(TUNNEL).bytesIn).toBe(5);
  });

  it("tell latencies of what was answered since we listen, and not of hours before", () => {
    const live = setup();
    const before = counters({ http: httpCountsOf({ notFound: 1_000 }) });
    live.relaySnapshot(RELAY.relayId, { ...EMPTY_SNAPSHOT, counters: [before] });
    expect(live.latency.percentilesOf(TUNNEL, now)).toBeNull();
    report(live, now, { http: httpCountsOf({ ok: 1, notFound: 1_000 }) });
    expect(live.latency.percentilesOf(TUNNEL, now)?.p99).toBeLessThanOrEqual(1);
    live.forgetTunnel(TUNNEL);
    expect(live.latency.percentilesOf(TUNNEL, now)).toBeNull();
  });
});

describe("what relays say of the port that tunnels share", () => {
  const listener = (n: number, facts: Partial<ListenerState>): ListenerState => ({
    ...listeningOn(`tn_${n}`, 8080, AT),
    ...facts,
  });

  it.each<[string, ListenerState[], object]>([
    ["nothing while nobody needs it", [listener(1, { port: 20_000 })], { state: "closed" }],
    ["nothing once it is given up", [listener(1, { state: "stopped" })], { state: "closed" }],
    ["that it is open", [listener(1, {}), listener(2, {})], { state: "listening", reason: null }],
    [
      "that it is taken",
      [listener(1, {}), listener(2, { state: "failed", reason: "in use" })],
      { state: "failed", reason: "in use" },
    ],
  ])("is %s", (_, listeners, expected) => {
    const live = setup();
    live.relaySnapshot(RELAY.relayId, { ...EMPTY_SNAPSHOT, listeners });
    expect(live.relays.edgeState(8080)).toMatchObject(expected);
    live.relayLost(RELAY.relayId);
    expect(live.relays.edgeState(8080)).toEqual({ state: "closed", reason: null });
  });
});

describe("RefusalLog", () => {
  const refusal = (at: number, clusterId: string | null): AgentRefusal => ({
    at,
    clusterId: clusterId as AgentRefusal["clusterId"],
    code: 401,
    reason: "unknown token",
    address: "192.0.2.1",
  });

  it("keeps the newest few of each cluster, newest first, and those nobody knows apart", () => {
    const log = new RefusalLog();
    for (let at = 1; at <= REFUSALS_KEPT + 1; at++) log.record(refusal(at, CLUSTER));
    log.record(refusal(1, null));
    log.record(refusal(1, null));
    const kept = log.ofCluster(CLUSTER);
    expect(kept).toHaveLength(REFUSALS_KEPT);
    expect(kept[0]?.at).toBe(REFUSALS_KEPT + 1);
    expect(kept.at(-1)?.at).toBe(2);
    expect(log.unknown()).toHaveLength(1);
  });

  it("forgets the longest silent cluster at its bound", () => {
    const log = new RefusalLog();
    for (let i = 0; i <= 1_000; i++) log.record(refusal(1, `cl_${i}`));
    expect(log.ofCluster("cl_0")).toEqual([]);
    expect(log.ofCluster("cl_1")).toHaveLength(1);
    expect(log.ofCluster("cl_1000")).toHaveLength(1);
  });
});
