import { ownLabel } from "#server/services/http-names/own-name.ts";
import { routeHostnames } from "#server/services/http-names/route-hostnames.ts";
import type { PlannedTunnel } from "./plan-tunnels.ts";

/** The columns of a tunnel that follow from its listener. */
export interface StoredListener {
  readonly spec: string;
  readonly hostnames: string | null;
  readonly searchText: string;
}

export function toStoredListener(id: string, planned: PlannedTunnel): StoredListener {
  const { key, listener } = planned.listener;
  const { http } = planned.spec;
  const hostnames = http === undefined ? null : routeHostnames(key, http);
  const words = [
    key.namespace,
    key.gateway,
    listener.name,
    key.protocol,
    key.port,
    key.hostname,
    ...(key.protocol === "http" ? [ownLabel({ id, gateway: key.gateway })] : []),
    ...(hostnames ?? []),
  ];
  return {
    spec: JSON.stringify(planned.spec),
    hostnames: hostnames === null ? null : JSON.stringify(hostnames),
    searchText: words
      .filter((word) => word !== null)
      .join(" ")
      .toLowerCase(),
  };
}
