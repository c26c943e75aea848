import type { TunnelDto, TunnelHttpDto } from "#protocol/api/tunnels.ts";
import { makeTunnel } from "./make-tunnel.ts";

export type HttpTunnel = TunnelDto & { readonly http: TunnelHttpDto };
type Change = Parameters<typeof makeTunnel>[0] & Partial<TunnelHttpDto>;

/** A healthy HTTP tunnel; a test names what matters to it, of the tunnel or of its HTTP. */
export function makeHttpTunnel(change: Change = {}): HttpTunnel {
  const { siteUrl, hostnames, statusClasses, latencyMs, messages, webSocketsOpen, ...rest } =
    change;
  const http: TunnelHttpDto = {
    siteUrl: siteUrl ?? "http://shop-00000001.tunnel.localhost:8080/",
    hostnames: hostnames ?? [],
    statusClasses: statusClasses ?? { "1xx": 0, "2xx": 0, "3xx": 0, "4xx": 0, "5xx": 0 },
    latencyMs: latencyMs ?? null,
    messages: messages ?? { in: 0, out: 0 },
    webSocketsOpen: webSocketsOpen ?? 0,
  };
  const tunnel = makeTunnel({
    protocol: "http",
    listener: { name: "web", port: 80, hostnames: [] },
    backends: [{ namespace: "shop", name: "web", port: 8_080, weight: 1, ready: true }],
    endpoints: [
      {
        kind: "edge",
        address: "shop-00000001.tunnel.localhost:8080",
        verifiedAt: "2026-11-21T14:02:11.000Z",
        problem: null,
      },
    ],
    ...rest,
    http,
  });
  return { ...tunnel, http };
}
