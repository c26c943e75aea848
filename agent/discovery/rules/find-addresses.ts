import { isIP } from "node:net";
import type { UpstreamAddress } from "../discovery.ts";
import type { ServiceObject } from "./objects.ts";
import { findPort, findSlicePort, type WantedPort } from "./service-port.ts";

interface Found {
  readonly addresses: readonly UpstreamAddress[];
  /** What is wrong when there are none; continues "Service x …". */
  readonly reason: string;
}

const none = (reason: string): Found => ({ addresses: [], reason });

/** Where the ready endpoints of a port are. */
export function findAddresses(wanted: WantedPort): Found {
  const { service, slices, port, transport } = wanted;
  if (service?.spec.type === "ExternalName") return externalName(service, port);
  if (service !== null && findPort(service, port, transport) === null) {
    return none(`has no ${transport} port ${port}`);
  }
  if (slices.length === 0) return none("has no EndpointSlice");
  const targets = slices.flatMap((slice) => {
    const target = findSlicePort(slice, wanted);
    // A slice port without a number means all ports: the one asked for.
    return target === null ? [] : [{ slice, port: target.port ?? port }];
  });
  if (targets.length === 0) return none(`has no EndpointSlice with its port ${port}`);
  const endpoints = targets.flatMap((target) =>
    target.slice.endpoints.map((endpoint) => ({ ...endpoint, port: target.port })),
  );
  if (endpoints.length === 0) return none("has no endpoints");
  const addresses = endpoints
    .filter((endpoint) => endpoint.conditions.ready)
    // Every address of one endpoint leads to the same process: the first stands for it.
    .map((endpoint) => ({ host: endpoint.addresses[0] ?? "", port: endpoint.port }))
    .filter((address) => isDialable(address.host));
  return { addresses, reason: "has no ready endpoint" };
}

function externalName(service: ServiceObject, port: number): Found {
  const host = service.spec.externalName ?? "";
  if (!isDialable(host)) return none("is an ExternalName without a usable name");
  return { addresses: [{ host, port }], reason: "" };
}

/** An EndpointSlice of type FQDN may hold names; anything else must be an address. */
function isDialable(host: string): boolean {
  return isIP(host) !== 0 || /^[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$/.test(host);
}
