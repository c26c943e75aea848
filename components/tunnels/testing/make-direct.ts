import type { TunnelDto } from "#protocol/api/tunnels.ts";
import { makeTunnel } from "./make-tunnel.ts";

export const DIRECT_ADDRESS = "198.51.100.7:5432";
const SINCE = "2026-11-21T14:02:00.000Z";

type Direct = NonNullable<TunnelDto["direct"]>;
type Change = Parameters<typeof makeTunnel>[0] & {
  readonly wanted?: "direct" | "dual" | "tunnel";
  readonly state?: Direct["state"];
};

/** A tunnel whose Gateway has an address of its own; the mode in force follows from what is wanted and what answers. */
export function makeDirectTunnel(change: Change = {}): TunnelDto {
  const { wanted = "direct", state = "verified", ...rest } = change;
  const isVerified = state === "verified";
  return makeTunnel({
    routingMode: {
      desired: wanted,
      effective: isVerified ? wanted : "tunnel",
      reason: "",
      forced: false,
    },
    direct:
      wanted === "tunnel"
        ? null
        : {
            address: DIRECT_ADDRESS,
            state,
            reason: isVerified ? null : `Nothing answered at ${DIRECT_ADDRESS}.`,
            rttMs: isVerified ? 0.4 : null,
            since: SINCE,
          },
    endpoints: [
      { kind: "relay", address: "culvert.example.com:15002", verifiedAt: SINCE, problem: null },
      {
        kind: "direct",
        address: DIRECT_ADDRESS,
        verifiedAt: isVerified ? SINCE : null,
        problem: null,
      },
    ],
    ...rest,
  });
}
