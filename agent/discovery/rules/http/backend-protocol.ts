import type { BackendProtocol } from "#protocol/control/http-routing.ts";
import type { RouteKind } from "../objects.ts";

/** What is spoken to a backend; `tls` only a Gateway's own data plane could speak. */
export type SpokenProtocol = BackendProtocol | "tls";

/** By `appProtocol` of a Service's port, in lower case. */
const SPOKEN: ReadonlyMap<string, SpokenProtocol> = new Map([
  ["http", "http1"],
  ["ws", "http1"],
  ["tcp", "http1"],
  ["kubernetes.io/ws", "http1"],
  ["h2c", "h2c"],
  ["http2", "h2c"],
  ["grpc", "h2c"],
  ["kubernetes.io/h2c", "h2c"],
  ["https", "tls"],
  ["wss", "tls"],
  ["tls", "tls"],
  ["kubernetes.io/wss", "tls"],
]);

/**
 * What a route of HTTP speaks to a backend. gRPC needs HTTP/2; anything else is HTTP/1.1 unless the port says more.
 *
 * @param appProtocol lower case; null when nobody says.
 * @returns null for a protocol that HTTP cannot be carried in.
 */
export function speakTo(kind: RouteKind, appProtocol: string | null): SpokenProtocol | null {
  const spoken = appProtocol === null ? "http1" : (SPOKEN.get(appProtocol) ?? null);
  return kind === "GRPCRoute" && spoken === "http1" ? "h2c" : spoken;
}
