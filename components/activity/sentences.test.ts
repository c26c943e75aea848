import { describe, expect, it } from "vitest";
import { AUDIT_ACTIONS, AuditEventDto, type AuditAction } from "#protocol/api/audit.ts";
import { ACTION_LABELS, auditSentence, auditText } from "./sentences.ts";

interface Given {
  readonly action: AuditAction;
  readonly before?: Record<string, unknown>;
  readonly after?: Record<string, unknown>;
}

function event({ action, before, after }: Given): AuditEventDto {
  return AuditEventDto.parse({
    id: "ev_0123456789abcdef",
    at: "2026-11-21T14:02:11.000Z",
    actor: { kind: "user", id: "u1", name: "ops@example.com" },
    action,
    object: { kind: "cluster", id: "cl_0123456789abcdef", name: "prod" },
    before: before ?? null,
    after: after ?? null,
    address: "203.0.113.24",
  });
}

const SAID: Record<AuditAction, string> = {
  "cluster.create": "ops@example.com added prod",
  "cluster.rename": "ops@example.com renamed prod",
  "cluster.delete": "ops@example.com deleted prod",
  "cluster.force_tunnel": "ops@example.com released prod from the forced tunnel",
  "cluster.connected": "prod connected",
  "cluster.offline": "prod lost its last agent",
  "tunnel.force_tunnel": "ops@example.com released prod from the forced tunnel",
  "tunnel.routing_mode": "ops@example.com let prod follow the rules",
  "tunnel.enable": "ops@example.com switched prod off",
  "tunnel.policy": "ops@example.com changed the limits of prod",
  "tunnel.published": "prod was discovered",
  "tunnel.withdrawn": "prod can no longer be published",
  "tunnel.removed": "prod was removed",
  "tunnel.direct_verified": "prod: Its direct address answers steadily",
  "tunnel.direct_lost": "prod moved to the tunnel: its direct address does not answer",
  "fleet.force_tunnel": "ops@example.com released the whole fleet from the forced tunnel",
  "token.create": "ops@example.com created the agent token prod",
  "token.revoke": "ops@example.com revoked the agent token prod",
  "api_key.create": "ops@example.com created the API key prod",
  "api_key.revoke": "ops@example.com revoked the API key prod",
  "user.create": "ops@example.com created the account of prod",
  "user.sign_in": "ops@example.com signed in",
  "user.sign_out": "ops@example.com signed out",
  "connection.close": "ops@example.com closed the connection from prod",
  "connections.close": "ops@example.com closed connections of prod",
  "relay.restarted": "Relay prod was restarted",
};

describe("the sentence of an audit event", () => {
  it.each(AUDIT_ACTIONS)("says %s without any further fact", (action) => {
    expect(auditText(event({ action }))).toBe(SAID[action]);
  });

  it.each<[Given, string]>([
    [
      { action: "cluster.rename", before: { name: "old" }, after: { name: "prod" } },
      "ops@example.com renamed old to prod",
    ],
    [
      { action: "cluster.force_tunnel", after: { forceTunnel: true } },
      "ops@example.com forced prod through the tunnel",
    ],
    [
      { action: "fleet.force_tunnel", after: { forceTunnel: true } },
      "ops@example.com forced the whole fleet through the tunnel",
    ],
    [
      { action: "tunnel.routing_mode", after: { routingMode: "dual" } },
      "ops@example.com chose dual for prod",
    ],
    [{ action: "tunnel.enable", after: { enabled: true } }, "ops@example.com switched prod on"],
    [
      { action: "tunnel.published", after: { relayPort: 15002 } },
      "prod was discovered and published on port 15002",
    ],
    [
      { action: "tunnel.published", after: { host: "edge-00000001.tunnel.localhost" } },
      "prod was discovered and published as edge-00000001.tunnel.localhost",
    ],
    [
      { action: "tunnel.withdrawn", after: { reason: "No route is attached." } },
      "prod can no longer be published: No route is attached",
    ],
    [
      { action: "connections.close", after: { closed: 1 } },
      "ops@example.com closed 1 connection of prod",
    ],
    [
      { action: "connections.close", after: { closed: 12 } },
      "ops@example.com closed 12 connections of prod",
    ],
    [
      {
        action: "tunnel.direct_verified",
        before: { effective: "tunnel" },
        after: { effective: "direct", address: "203.0.113.9:5432" },
      },
      "prod is served directly: 203.0.113.9:5432 answers steadily",
    ],
    [
      {
        action: "tunnel.direct_lost",
        before: { effective: "dual" },
        after: { effective: "tunnel", reason: "203.0.113.9:5432 refuses connections." },
      },
      "prod moved to the tunnel: 203.0.113.9:5432 refuses connections",
    ],
    [
      { action: "relay.restarted", after: { lostConnections: 3 } },
      "Relay prod was restarted; 3 connections ended with it",
    ],
  ])("tells more where more is known: %j", (given, said) => {
    expect(auditText(event(given))).toBe(said);
  });

  it("keeps the names apart from the words", () => {
    expect(auditSentence(event({ action: "cluster.create" })).map(({ kind }) => kind)).toEqual([
      "actor",
      "text",
      "object",
    ]);
  });

  it("does not take placeholders out of names", () => {
    const odd = event({ action: "cluster.create" });
    const named = { ...odd, actor: { ...odd.actor, name: "{object}" } };
    expect(auditText(named)).toBe("{object} added prod");
  });

  it("has a label for the filter of every action", () => {
    expect(Object.keys(ACTION_LABELS).sort()).toEqual([...AUDIT_ACTIONS].sort());
  });
});
