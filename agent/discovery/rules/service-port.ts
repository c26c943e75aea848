import type { EndpointSliceObject, ServiceObject } from "./objects.ts";

type ServicePort = ServiceObject["spec"]["ports"][number];
type SlicePort = EndpointSliceObject["ports"][number];

/** One port of a Service, and what is known about it. */
export interface WantedPort {
  readonly service: ServiceObject | null;
  readonly slices: readonly EndpointSliceObject[];
  readonly port: number;
  /** `TCP` or `UDP`. */
  readonly transport: string;
  /** In a folder, a single port needs no name. */
  readonly isLenient: boolean;
}

export function findPort(
  service: ServiceObject,
  port: number,
  transport: string,
): ServicePort | null {
  return (
    service.spec.ports.find((item) => item.port === port && item.protocol === transport) ?? null
  );
}

/** Slice ports belong to Service ports by name. */
export function findSlicePort(slice: EndpointSliceObject, wanted: WantedPort): SlicePort | null {
  const { service, port, transport, isLenient } = wanted;
  const ports = slice.ports.filter((item) => item.protocol === transport);
  const servicePort = service === null ? null : findPort(service, port, transport);
  const byName =
    servicePort === null
      ? ports.find((item) => item.port === port)
      : ports.find((item) => (item.name ?? "") === (servicePort.name ?? ""));
  const only = isLenient && ports.length === 1 && (service?.spec.ports.length ?? 1) === 1;
  return byName ?? (only ? ports[0] : undefined) ?? null;
}

/**
 * The application protocol of a port, in lower case; null when nobody says. The Service decides where there is one, since
 * EndpointSlices only repeat it.
 */
export function findAppProtocol(wanted: WantedPort): string | null {
  const { service, slices, port, transport } = wanted;
  const said =
    service === null
      ? slices.map((slice) => findSlicePort(slice, wanted)?.appProtocol).find(Boolean)
      : findPort(service, port, transport)?.appProtocol;
  return said ? said.toLowerCase() : null;
}
