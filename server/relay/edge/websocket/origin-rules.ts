import { coversHost } from "#server/lib/host-patterns.ts";
import { type HostAndPort, parseHost } from "../routing/parse-host.ts";

const DEFAULT_PORTS = { http: 80, https: 443 } as const;
type Scheme = keyof typeof DEFAULT_PORTS;

interface Origin extends HostAndPort {
  readonly scheme: Scheme;
  readonly port: number;
}

/**
 * Whether a page of this origin may open a WebSocket here. Browsers name the origin always, so its absence means that no
 * page asks. Of our own host names neither scheme nor port counts: whatever ends TLS before us may change both. `null`,
 * the origin of sandboxed pages and files, and schemes that are not the web's never pass.
 *
 * @param origin the header of that name.
 * @param ownHosts the tunnel's own name and its routes' host names, perhaps with `*.` in front.
 * @param host what the request was for: lower case, without a port.
 * @param allowed `https://app.example.com`, with a port where there is one, or `*.example.com` for every name below it.
 */
export function isOriginAllowed(
  origin: string | undefined,
  ownHosts: readonly string[],
  host: string,
  allowed: readonly string[],
): boolean {
  if (origin === undefined) return true;
  const asking = parseOrigin(origin);
  if (asking === null) return false;
  if (asking.host === host || ownHosts.some((own) => coversHost(own, asking.host))) return true;
  return allowed.some((entry) => isListed(entry.toLowerCase(), asking));
}

function isListed(entry: string, asking: Origin): boolean {
  if (entry.startsWith("*.")) return coversHost(entry, asking.host);
  const listed = parseOrigin(entry);
  return (
    listed !== null &&
    listed.scheme === asking.scheme &&
    listed.host === asking.host &&
    listed.port === asking.port
  );
}

function parseOrigin(text: string): Origin | null {
  const [, scheme, authority] = /^(https?):\/\/([^/?#]+)$/i.exec(text) ?? [];
  if (scheme === undefined || authority === undefined) return null;
  const parsed = parseHost(authority);
  if (parsed === null) return null;
  const lower: Scheme = scheme.toLowerCase() === "https" ? "https" : "http";
  return { scheme: lower, host: parsed.host, port: parsed.port ?? DEFAULT_PORTS[lower] };
}
