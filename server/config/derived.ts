import { join } from "node:path";

/** Joins below a data directory; a relative one stays relative to the working directory. */
export function joinPath(folder: string, name: string): string {
  return join(folder, name);
}

/** As a URL writes them. */
const LOCAL_NAMES = new Set(["localhost", "127.0.0.1", "[::1]"]);

/**
 * The host that endpoints name. Beside `localhost` it is `127.0.0.1`: browsers send cookies to every port
 * of a host, so a tunnelled service must never share the dashboard's.
 */
export function relayHostFor(publicHost: string, given: string | undefined): string {
  if (given !== undefined) return given;
  return LOCAL_NAMES.has(publicHost) ? "127.0.0.1" : publicHost;
}

/** Sentences for the log and the settings page; empty when nothing is wrong. */
export function configWarnings(config: {
  readonly http: { readonly publicHost: string };
  readonly relay: { readonly host: string };
}): readonly string[] {
  if (config.http.publicHost !== config.relay.host) return [];
  return [
    `Relay endpoints name the dashboard's own host (${config.relay.host}): a browser that opens a tunnelled ` +
      "service would send it the operator's cookie. Set CULVERT_RELAY_HOST to another name of this machine.",
  ];
}

/**
 * True where a peer on the loopback address is somebody on this machine. A public URL that is not the front door's own
 * means that a proxy stands in front: one on this machine makes all the world look local, unless it is trusted to say
 * whom it speaks for.
 */
export function isLoopbackLocal(config: {
  readonly http: {
    readonly publicUrl: string;
    readonly port: number;
    readonly trustedProxies: readonly string[];
  };
}): boolean {
  const { publicUrl, port, trustedProxies } = config.http;
  const url = new URL(publicUrl);
  const isFrontDoor = url.protocol === "http:" && Number(url.port || 80) === port;
  return isFrontDoor || trustedProxies.length > 0;
}
