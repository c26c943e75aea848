import type { BackendProtocol } from "#protocol/control/http-routing.ts";
import type { UpstreamBackend } from "../discovery.ts";
import { findAddresses } from "./find-addresses.ts";
import { speakTo } from "./http/backend-protocol.ts";
import type { ObjectIndex } from "./object-index.ts";
import { GATEWAY_GROUP, type RouteObject, type ServiceObject } from "./objects.ts";
import type { BackendRef } from "./route-rules.ts";
import { findAppProtocol, findPort, type WantedPort } from "./service-port.ts";

/** The Gateway API's own reason codes for a reference that leads nowhere. */
export type RefFault =
  "RefNotPermitted" | "BackendNotFound" | "InvalidKind" | "UnsupportedProtocol";

/** What one backendRef leads to, and why it leads nowhere, if it does not. */
export interface ResolvedRef {
  /** Stands for a reference with a fault too, so that its share of the connections is refused; null without a port. */
  readonly backend: UpstreamBackend | null;
  readonly fault: { readonly code: RefFault; readonly message: string } | null;
  /** What a route of HTTP speaks to it. */
  readonly protocol: BackendProtocol;
}

export interface ResolveOptions {
  readonly index: ObjectIndex;
  /** The Gateway's own data plane is dialled: it speaks to backends what we do not. */
  readonly isServedByGateway: boolean;
}

/** Follows one backendRef of a route to the addresses behind it. */
export function resolveBackend(
  route: RouteObject,
  ref: BackendRef,
  options: ResolveOptions,
): ResolvedRef {
  const { index } = options;
  const namespace = ref.namespace ?? route.metadata.namespace;
  const label = `${namespace}/${ref.name}`;
  const { name, port, weight } = ref;
  const wanted: WantedPort = {
    service: index.findService(namespace, name),
    slices: index.listSlices(namespace, name),
    port: port ?? 0,
    transport: transportOf(route),
    isLenient: index.isLenient,
  };
  const fault =
    findFault(route, ref, { index, wanted }) ??
    findHttpFault(route, { label, wanted, isServedByGateway: options.isServedByGateway });
  if (fault !== null) {
    const invalid = { ready: false, reason: fault.message, addresses: [], isInvalid: true };
    return {
      fault,
      backend: port === undefined ? null : { namespace, name, port, weight, ...invalid },
      protocol: "http1",
    };
  }
  const found = findAddresses(wanted);
  const isReady = found.addresses.length > 0;
  const reason = isReady ? null : `Service ${label} ${found.reason}.`;
  const spoken = speakTo(route.kind, findAppProtocol(wanted));
  return {
    fault: null,
    backend: {
      namespace,
      name,
      port: wanted.port,
      weight,
      ready: isReady,
      reason,
      addresses: found.addresses,
    },
    protocol: spoken === "h2c" ? "h2c" : "http1",
  };
}

function transportOf(route: RouteObject): "UDP" | "TCP" {
  return route.kind === "UDPRoute" ? "UDP" : "TCP";
}

interface Judging {
  readonly index: ObjectIndex;
  readonly wanted: WantedPort;
}

function findFault(
  route: RouteObject,
  ref: BackendRef,
  { index, wanted }: Judging,
): ResolvedRef["fault"] {
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
  const { service, slices } = wanted;
  if (service === null) {
    // In a folder, an EndpointSlice may stand alone.
    const stands = index.isLenient && slices.length > 0;
    return stands ? null : { code: "BackendNotFound", message: `Service ${label} does not exist.` };
  }
  return findTransportFault(route, label, { ...wanted, service });
}

function findTransportFault(
  route: RouteObject,
  label: string,
  { service, port, transport }: WantedPort & { readonly service: ServiceObject },
): ResolvedRef["fault"] {
  if (service.spec.type === "ExternalName") return null;
  if (findPort(service, port, transport) !== null) return null;
  const other = service.spec.ports.find((item) => item.port === port);
  if (other === undefined) return null;
  return {
    code: "UnsupportedProtocol",
    message: `Port ${port} of Service ${label} speaks ${other.protocol}; a ${route.kind} needs ${transport}.`,
  };
}

interface HttpJudging {
  readonly label: string;
  readonly wanted: WantedPort;
  readonly isServedByGateway: boolean;
}

function findHttpFault(
  { kind }: RouteObject,
  { label, wanted, isServedByGateway }: HttpJudging,
): ResolvedRef["fault"] {
  if (kind !== "HTTPRoute" && kind !== "GRPCRoute") return null;
  const appProtocol = findAppProtocol(wanted);
  const spoken = speakTo(kind, appProtocol);
  const where = `Port ${wanted.port} of Service ${label} speaks ${appProtocol ?? "HTTP"}`;
  if (spoken === null) {
    const message = `${where}, which a ${kind} cannot carry.`;
    return { code: "UnsupportedProtocol", message };
  }
  if (spoken !== "tls" || isServedByGateway) return null;
  const message = `${where}; TLS to backends is not supported.`;
  return { code: "UnsupportedProtocol", message };
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
