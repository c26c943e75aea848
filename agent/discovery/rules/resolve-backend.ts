import { isIP } from "node:net";
import type { UpstreamAddress, UpstreamBackend } from "../discovery.ts";
import type { ObjectIndex } from "./object-index.ts";
import {
  GATEWAY_GROUP,
  type BackendRef,
  type EndpointSliceObject,
  type RouteObject,
  type ServiceObject,
} from "./objects.ts";

/** The Gateway API's own reason codes for a reference that leads nowhere. */
export type RefFault =
  "RefNotPermitted" | "BackendNotFound" | "InvalidKind" | "UnsupportedProtocol";

/** What one backendRef leads to, and why it leads nowhere, if it does not. */
export interface ResolvedRef {
  /** Stands for a reference with a fault too, so that its share of the connections is refused; null without a port. */
  readonly backend: UpstreamBackend | null;
  readonly fault: { readonly code: RefFault; readonly message: string } | null;
}

/** Follows one backendRef of a route to the addresses behind it. */
export function resolveBackend(
  route: RouteObject,
  ref: BackendRef,
  index: ObjectIndex,
): ResolvedRef {
  const namespace = ref.namespace ?? route.metadata.namespace;
  const label = `${namespace}/${ref.name}`;
  const fault = findFault(route, ref, index);
  const { name, port, weight } = ref;
  if (fault !== null) {
    const invalid = { ready: false, reason: fault.message, addresses: [], isInvalid: true };
    return {
      fault,
      backend: port === undefined ? null : { namespace, name, port, weight, ...invalid },
    };
  }
  const found = findAddresses({
    service: index.findService(namespace, name),
    slices: index.listSlices(namespace, name),
    port: port ?? 0,
    transport: transportOf(route),
    index,
  });
  return {
    fault: null,
    backend: {
      namespace,
      name,
      port: port ?? 0,
      weight,
      ready: found.addresses.length > 0,
      reason: found.addresses.length > 0 ? null : `Service ${label} ${found.reason}.`,
      addresses: found.addresses,
    },
  };
}

function transportOf(route: RouteObject): "UDP" | "TCP" {
  return route.kind === "UDPRoute" ? "UDP" : "TCP";
}

function findFault(route: RouteObject, ref: BackendRef, index: ObjectIndex): ResolvedRef["fault"] {
  const namespace = ref.namespace ?? route.metadata.namespace;
  const label = `${namespace}/${ref.name}`;
  if (ref.group !== "" || ref.kind !== "Service") {
    return {
      code: "InvalidKind",
      message: `Backend ${label} is a ${ref.kind}; only Services are supported.`,
    };
  }
  if (ref.port === undefined) {
    return { code: "InvalidKind", message: `The reference to Service ${label} names no port.` };
  }
  if (namespace !== route.metadata.namespace && !isGranted(route, ref, namespace, index)) {
    return {
      code: "RefNotPermitted",
      message: `No ReferenceGrant in ${namespace} lets a ${route.kind} of ${route.metadata.namespace} use Service ${ref.name}.`,
    };
  }
  const service = index.findService(namespace, ref.name);
  if (service === null) {
    // In a folder, an EndpointSlice may stand alone.
    const stands = index.isLenient && index.listSlices(namespace, ref.name).length > 0;
    return stands ? null : { code: "BackendNotFound", message: `Service ${label} does not exist.` };
  }
  return findProtocolFault(route, { label, port: ref.port }, service);
}

/** Application protocols that an HTTPRoute or a GRPCRoute can be spoken in; what is not said counts as HTTP. */
const HTTP_APP_PROTOCOLS: ReadonlySet<string> = new Set([
  "http",
  "https",
  "h2c",
  "http2",
  "grpc",
  "ws",
  "wss",
  "tcp",
  "tls",
  "kubernetes.io/h2c",
  "kubernetes.io/ws",
  "kubernetes.io/wss",
]);

function findProtocolFault(
  route: RouteObject,
  { label, port }: { readonly label: string; readonly port: number },
  service: ServiceObject,
): ResolvedRef["fault"] {
  if (service.spec.type === "ExternalName") return null;
  const transport = transportOf(route);
  const found = findPort(service, port, transport);
  if (found === null) {
    const other = service.spec.ports.find((item) => item.port === port);
    if (other === undefined) return null;
    return {
      code: "UnsupportedProtocol",
      message: `Port ${port} of Service ${label} speaks ${other.protocol}; a ${route.kind} needs ${transport}.`,
    };
  }
  const spoken = found.appProtocol?.toLowerCase() ?? "http";
  if (!isHttp(route) || HTTP_APP_PROTOCOLS.has(spoken)) return null;
  return {
    code: "UnsupportedProtocol",
    message: `Port ${port} of Service ${label} speaks ${spoken}, which a ${route.kind} cannot carry.`,
  };
}

function isHttp({ kind }: RouteObject): boolean {
  return kind === "HTTPRoute" || kind === "GRPCRoute";
}

function isGranted(
  route: RouteObject,
  ref: BackendRef,
  namespace: string,
  index: ObjectIndex,
): boolean {
  return index
    .listGrants(namespace)
    .some(
      ({ spec }) =>
        spec.from.some(
          (from) =>
            from.group === GATEWAY_GROUP &&
            from.kind === route.kind &&
            from.namespace === route.metadata.namespace,
        ) &&
        spec.to.some(
          (to) => to.group === "" && to.kind === "Service" && (!to.name || to.name === ref.name),
        ),
    );
}

interface Found {
  readonly addresses: readonly UpstreamAddress[];
  /** What is wrong when there are none; continues "Service x …". */
  readonly reason: string;
}

interface Wanted {
  readonly service: ServiceObject | null;
  readonly slices: readonly EndpointSliceObject[];
  readonly port: number;
  readonly transport: string;
  readonly index: ObjectIndex;
}

const none = (reason: string): Found => ({ addresses: [], reason });

function findAddresses(wanted: Wanted): Found {
  const { service, slices, port, transport } = wanted;
  if (service?.spec.type === "ExternalName") return externalName(service, port);
  if (service !== null && findPort(service, port, transport) === null) {
    return none(`has no ${transport} port ${port}`);
  }
  if (slices.length === 0) return none("has no EndpointSlice");
  const targets = slices.flatMap((slice) => {
    const target = findSlicePort(slice, wanted);
    return target === null ? [] : [{ slice, port: target }];
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

function findPort(
  service: ServiceObject,
  port: number,
  transport: string,
): ServiceObject["spec"]["ports"][number] | null {
  return (
    service.spec.ports.find((item) => item.port === port && item.protocol === transport) ?? null
  );
}

/** Slice ports belong to Service ports by name. In a folder, a single port needs no name. */
function findSlicePort(slice: EndpointSliceObject, wanted: Wanted): number | null {
  const { service, port, transport, index } = wanted;
  const ports = slice.ports.filter((item) => item.protocol === transport);
  const servicePort = service === null ? null : findPort(service, port, transport);
  const byName =
    servicePort === null
      ? ports.find((item) => item.port === port)
      : ports.find((item) => (item.name ?? "") === (servicePort.name ?? ""));
  const only = index.isLenient && ports.length === 1 && (service?.spec.ports.length ?? 1) === 1;
  const match = byName ?? (only ? ports[0] : undefined);
  if (match === undefined) return null;
  // A slice port without a number means all ports: the one asked for.
  return match.port ?? port;
}
