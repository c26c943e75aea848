import { describe, expect, it } from "vitest";
import { LiveState } from "#server/services/live-state.ts";
import { REFUSED_REQUEST, requestOf } from "#server/services/testing/http-records.ts";
import {
  EMPTY_SNAPSHOT,
  RELAY,
  closedConnectionOf,
  connectionOf,
} from "#server/services/testing/setup-services.ts";

const AT = new Date("2026-01-02T03:04:05Z");
const CLUSTER = "cl_aaaaaaaaaaaaaaaaaaaa";
const TUNNEL = "tn_aaaaaaaaaaaaaaaaaaaa";

function setup() {
  const live = new LiveState();
  live.relayConnected(RELAY);
  return live;
}

const closedOf = (facts: object) => closedConnectionOf(connectionOf(TUNNEL, CLUSTER, AT), facts);

describe("connections", () => {
  it("end the last failure of a tunnel once a service answers a later connection", () => {
    const live = setup();
    const at = AT.getTime();
    const refused = closedOf({ closeReason: "dial_refused", closedAt: at });
    live.relayEvent(RELAY.relayId, { kind: "connection_closed", connection: refused });
    const establish = (openedAt: number): void => {
      const connection = { ...connectionOf(TUNNEL, CLUSTER, AT), openedAt, openLatencyMs: null };
      live.relayEvent(RELAY.relayId, { kind: "connection_opened", connection });
      live.relayEvent(RELAY.relayId, {
        kind: "connection_established",
        id: connection.id,
        agentId: null,
        agentName: null,
        via: "agent",
        openLatencyMs: 1,
      });
    };
    establish(at - 10_002);
    expect(live.outcomes.lastErrorOf(TUNNEL)?.isOver).toBe(false);
    expect(live.outcomes.takeChanged()).toEqual([TUNNEL]);
    establish(at + 100);
    expect(live.outcomes.lastErrorOf(TUNNEL)).toEqual({ reason: "dial_refused", at, isOver: true });
    expect(live.outcomes.takeChanged()).toEqual([TUNNEL]);
    establish(at + 200);
    expect(live.outcomes.takeChanged()).toEqual([]);
  });

  it("count an answer whether it is told before the failure or after it, in a snapshot too", () => {
    const live = setup();
    const at = AT.getTime();
    const connection = { ...connectionOf(TUNNEL, CLUSTER, AT), openLatencyMs: 1 };
    const refused = closedOf({ closeReason: "dial_refused", closedAt: at - 1_000 });
    const snapshot = { connections: [connection], closedMeanwhile: [refused] };
    live.relaySnapshot(RELAY.relayId, { ...EMPTY_SNAPSHOT, ...snapshot });
    expect(live.outcomes.lastErrorOf(TUNNEL)).toMatchObject({ at: at - 1_000, isOver: true });
  });
});

describe("requests of HTTP tunnels", () => {
  const at = AT.getTime();
  const end = (live: LiveState, ...requests: Parameters<typeof requestOf>[1][]) =>
    live.requestsEnded(
      requests.map((facts) => ({ ...requestOf(TUNNEL, { at, ...facts }), relayId: RELAY.relayId })),
    );

  it("are its last failure when no service could answer, until one answers", () => {
    const live = setup();
    end(live, REFUSED_REQUEST);
    const error = { reason: "backend_refused", at: at + 2 };
    expect(live.outcomes.lastErrorOf(TUNNEL)).toEqual({ ...error, isOver: false });
    end(live, { at: at + 1_000 });
    expect(live.outcomes.lastErrorOf(TUNNEL)).toEqual({ ...error, isOver: true });
  });

  it("say nothing of the service when they asked none, or asked for what is not there", () => {
    const live = setup();
    end(live, { status: 404, error: "no_route", isServed: false });
    expect(live.outcomes.lastErrorOf(TUNNEL)).toBeNull();
    end(live, REFUSED_REQUEST);
    end(live, { at: at + 1_000, status: 301, backend: null, isServed: false });
    expect(live.outcomes.lastErrorOf(TUNNEL)?.isOver).toBe(false);
  });

  it("end a failure when the service agrees to a WebSocket, or begins an answer that goes on", () => {
    for (const upgrade of ["websocket", null]) {
      const live = setup();
      end(live, REFUSED_REQUEST);
      const request = { method: "GET", host: "shop.test", path: "/events", upgrade };
      const opened = { ...connectionOf(TUNNEL, CLUSTER, AT), openedAt: at + 1_000, request };
      const waiting = { ...opened, openLatencyMs: null };
      live.relayEvent(RELAY.relayId, { kind: "connection_opened", connection: waiting });
      expect(live.outcomes.lastErrorOf(TUNNEL)?.isOver).toBe(false);
      const connection = { ...opened, openLatencyMs: 3 };
      live.relayEvent(RELAY.relayId, { kind: "connection_opened", connection });
      expect(live.outcomes.lastErrorOf(TUNNEL)?.isOver).toBe(true);
    }
  });

  it("that broke off after the head of the answer are told by how they were closed", () => {
    const live = setup();
    const broken = { firstByteMs: 5, durationMs: 60_000 } as const;
    end(live, { ...broken, error: "backend_failed", closeReason: "upstream_reset" });
    expect(live.outcomes.lastErrorOf(TUNNEL)?.reason).toBe("upstream_reset");
    end(live, { ...broken, error: "backend_timeout", closeReason: "route_timeout" });
    expect(live.outcomes.lastErrorOf(TUNNEL)?.reason).toBe("route_timeout");
    end(live, { ...broken, error: "agent_offline", closeReason: "agent_lost" });
    expect(live.outcomes.lastErrorOf(TUNNEL)?.reason).toBe("agent_lost");
  });

  it("that fail here and there while the service answers others are no alarm, and seldom told", () => {
    const live = setup();
    const told: ReturnType<typeof live.outcomes.lastErrorOf>[] = [];
    for (let second = 0; second < 60; second += 1) {
      const now = { at: at + second * 1_000 };
      end(live, now);
      end(live, { ...REFUSED_REQUEST, ...now, at: now.at + 100 });
      for (const id of live.outcomes.takeChanged()) told.push(live.outcomes.lastErrorOf(id));
    }
    expect(told).toHaveLength(6);
    expect(told.every((error) => error?.isOver)).toBe(true);
    for (let second = 60; second < 72; second += 1) {
      end(live, { ...REFUSED_REQUEST, at: at + second * 1_000 });
    }
    expect(live.outcomes.takeChanged()).toEqual([TUNNEL]);
    expect(live.outcomes.lastErrorOf(TUNNEL)?.isOver).toBe(false);
  });

  it("tell their part, and the row that one became tells nothing more", () => {
    const live = setup();
    end(live, REFUSED_REQUEST);
    const row = closedOf({
      closeReason: "dial_timeout",
      closedAt: at + 5_000,
      request: { method: "GET", host: "shop.test", path: "/", upgrade: null },
    });
    live.relayEvent(RELAY.relayId, { kind: "connection_closed", connection: row });
    expect(live.outcomes.lastErrorOf(TUNNEL)?.reason).toBe("backend_refused");
  });
});
