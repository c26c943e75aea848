import { ConnectionDto } from "#protocol/api/connections.ts";

type Change = Partial<Omit<ConnectionDto, "id" | "tunnelId" | "clusterId">> & {
  id?: string;
  tunnelId?: string;
  clusterId?: string;
};

/** An open connection; a test names what matters to it. */
export function makeConnection(change: Change = {}): ConnectionDto {
  return ConnectionDto.parse({
    id: "cn_00000001",
    tunnelId: "tn_00000001",
    clusterId: "cl_00000001",
    agentId: "ag_00000001",
    agentName: "frankfurt-a",
    via: "agent",
    relayId: "rl_1",
    clientAddress: "203.0.113.24:51873",
    openedAt: "2026-11-21T14:00:00.000Z",
    lastActivityAt: "2026-11-21T14:00:00.000Z",
    openLatencyMs: 12,
    bytes: { in: 0, out: 0 },
    request: null,
    messages: null,
    closedAt: null,
    closeReason: null,
    closeDetail: null,
    ...change,
  });
}
