import type { TunnelDto } from "#protocol/api/tunnels.ts";
import type { ConnectionKit, KitLine } from "./connection-kit.ts";
import { hostUrl } from "./site-url.ts";

type HttpKitTunnel = Pick<TunnelDto, "listener" | "gateway" | "backends">;
type Http = NonNullable<TunnelDto["http"]>;

const GRPC_PORT = 50_051;
const GRPC_NAMES = /grpc/i;
const LOCALHOST_NOTE =
  "Browsers and curl know that names below .localhost are this machine; other programs may need a line in /etc/hosts.";

/** How to reach an HTTP tunnel by its own name: what every client of HTTP, WebSocket and gRPC types. */
export function httpKit(tunnel: HttpKitTunnel, http: Http): ConnectionKit {
  const site = new URL(http.siteUrl);
  const isLocal = site.hostname.endsWith(".localhost");
  const grpcBy = detectGrpc(tunnel);
  const http1: KitLine[] = [
    {
      id: "curl",
      label: "curl",
      text: `curl ${site.href}`,
      ...(isLocal && { note: LOCALHOST_NOTE }),
    },
    ...hostLines(site, http),
    webSocketLine(site),
  ];
  const grpc = grpcLine(site);
  return {
    service: grpcBy === null ? null : "gRPC",
    detectedBy: grpcBy,
    asks: {},
    lines: [
      ...(grpcBy === null ? http1 : [grpc, ...http1]),
      { id: "url", label: "URL", text: site.href },
    ],
  };
}

function detectGrpc({ listener, gateway, backends }: HttpKitTunnel): "port" | "name" | null {
  const names = [listener.name, gateway.name, ...backends.map(({ name }) => name)];
  if (names.some((name) => GRPC_NAMES.test(name))) return "name";
  return backends.some(({ port }) => port === GRPC_PORT) ? "port" : null;
}

/** For a route's own host name, before its DNS record leads here. */
function hostLines(site: URL, { hostnames }: Http): KitLine[] {
  const named = hostnames.find(({ name, problem }) => problem === null && !name.startsWith("*"));
  const href = named === undefined ? null : hostUrl(site.href, named.name);
  if (named === undefined || href === null) return [];
  const port = site.port || (site.protocol === "https:" ? "443" : "80");
  // An address is needed by the one, a name by the other.
  const lead = site.hostname.endsWith("localhost")
    ? `--resolve ${named.name}:${port}:127.0.0.1`
    : `--connect-to ${named.name}:${port}:${site.hostname}:${port}`;
  return [
    {
      id: "host",
      label: "Host name",
      text: `curl ${lead} ${href}`,
      note: `The option stands in for the DNS record of ${named.name}; without it the name must lead here.`,
    },
  ];
}

function webSocketLine(site: URL): KitLine {
  const url = new URL(site);
  url.protocol = site.protocol === "https:" ? "wss:" : "ws:";
  return {
    id: "websocket",
    label: "WebSocket",
    text: `websocat ${url.href}`,
    note: `Or: wscat -c ${url.href}`,
  };
}

function grpcLine(site: URL): KitLine {
  const isTls = site.protocol === "https:";
  const port = site.port || (isTls ? "443" : "80");
  return {
    id: "grpcurl",
    label: "grpcurl",
    text: `grpcurl ${isTls ? "" : "-plaintext "}${site.hostname}:${port} list`,
    note: "Listing needs the service's reflection; without it, name a .proto file.",
  };
}
