import type { UpstreamBackend } from "../discovery.ts";
import type { GatewayObject } from "./objects.ts";

/** Controller of Gateways whose addresses Culvert writes itself: they are the relay's. */
export const OWN_CONTROLLER = "culvert.dev/gateway-controller";

export interface GatewayAddressOptions {
  /** A folder of manifests has no controller: what a Gateway asks for is what it has. */
  readonly isLenient: boolean;
  /** Classes of OWN_CONTROLLER. To dial one of their addresses would lead back to where the client came from. */
  readonly ownGatewayClasses?: ReadonlySet<string>;
}

/** The Gateway's own addresses, at which clients may reach it without us. */
export function listAddresses(
  gateway: GatewayObject,
  { isLenient, ownGatewayClasses }: GatewayAddressOptions,
): readonly string[] {
  const { spec, status } = gateway;
  if (isLenient) return spec.addresses.flatMap(({ value }) => value || []);
  if (ownGatewayClasses?.has(spec.gatewayClassName) === true) return [];
  if (!isProgrammed(status.conditions)) return [];
  return status.addresses.flatMap(({ value }) => value || []);
}

/**
 * Where connections for a listener go when the Gateway's own data plane serves it: through it, so that its policies
 * apply. @returns null when it does not; the routes' backends are dialled then.
 */
export function throughGateway(
  gateway: GatewayObject,
  listener: { readonly name: string; readonly port: number },
  options: GatewayAddressOptions,
): UpstreamBackend | null {
  if (options.isLenient) return null;
  const addresses = listAddresses(gateway, options);
  if (addresses.length === 0) return null;
  const own = gateway.status.listeners.find(({ name }) => name === listener.name);
  if (own !== undefined && !isProgrammed(own.conditions)) return null;
  const { namespace, name } = gateway.metadata;
  const { port } = listener;
  return {
    namespace,
    name,
    port,
    weight: 1,
    ready: true,
    reason: null,
    addresses: addresses.map((host) => ({ host, port })),
  };
}

function isProgrammed(conditions: GatewayObject["status"]["conditions"]): boolean {
  return conditions.some(({ type, status }) => type === "Programmed" && status === "True");
}
