import type { TunnelDto } from "#protocol/api/tunnels.ts";
import { directEndpoint } from "./tunnel-endpoints.ts";

type SiteTunnel = Pick<TunnelDto, "http" | "routingMode" | "endpoints" | "direct">;

/** Where a browser opens the site in the mode in force; null where the tunnel carries no HTTP. */
export function siteUrl(tunnel: SiteTunnel): string | null {
  if (tunnel.http === null) return null;
  if (tunnel.routingMode.effective !== "direct") return tunnel.http.siteUrl;
  const address = directEndpoint(tunnel)?.address;
  return address === undefined ? null : `http://${address}/`;
}

/** The same entrance under another host name; null for a pattern, which stands for many. */
export function hostUrl(site: string, hostname: string): string | null {
  if (hostname.startsWith("*")) return null;
  const url = new URL(site);
  url.hostname = hostname;
  return url.href;
}

/** Host name of the site itself: `shop-1a2b3c4d.tunnel.localhost`. */
export function siteHost(site: string): string {
  return new URL(site).hostname;
}

/** What clients name: `shop-1a2b3c4d.tunnel.localhost:8080`, without the port that a scheme implies. */
export function siteAddress(site: string): string {
  return new URL(site).host;
}
