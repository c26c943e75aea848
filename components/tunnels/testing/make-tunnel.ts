import { TunnelDto } from "#protocol/api/tunnels.ts";

const AT = "2026-11-21T14:02:11.000Z";

/** A healthy tunnel; a test names what matters to it. */
export function makeTunnel(
  change: Partial<Omit<TunnelDto, "id">> & { id?: string } = {},
): TunnelDto {
  return TunnelDto.parse({
    id: "tn_00000001",
    clusterId: "cl_00000001",
    clusterName: "prod-frankfurt",
    protocol: "tcp",
    gateway: { namespace: "shop", name: "edge" },
    listener: { name: "postgres", port: 5432, hostnames: [] },
    backends: [{ namespace: "shop", name: "orders-db", port: 5432, weight: 1, ready: true }],
    phase: "active",
    phaseReason: null,
    enabled: true,
    forceTunnel: false,
    forcedBy: null,
    chosenMode: null,
    routingMode: { desired: "tunnel", effective: "tunnel", reason: "", forced: false },
    endpoints: [
      { kind: "relay", address: "culvert.example.com:15002", verifiedAt: AT, problem: null },
    ],
    policy: {
      connectTimeoutMs: 10_000,
      idleTimeoutMs: 3_600_000,
      maxConnections: 1_000,
      directDrainMs: null,
      allowedOrigins: [],
    },
    direct: null,
    datagrams: null,
    http: null,
    connections: { open: 0, total: 0 },
    bytes: { in: 0, out: 0 },
    agents: ["frankfurt-a"],
    lastError: null,
    createdAt: AT,
    updatedAt: AT,
    ...change,
  });
}
