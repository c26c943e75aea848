import type { TunnelProtocol } from "#protocol/api/tunnels.ts";
import type { InventoryGateway, InventoryListener } from "#protocol/control/inventory.ts";
import { listenerKeyText } from "#protocol/control/inventory.ts";
import type { DiscoveryProblem, DiscoverySnapshot, UpstreamBackend } from "../discovery.ts";
import { readAnnotations } from "./annotations.ts";
import { attach, pointsAt } from "./attach-route.ts";
import { buildListener } from "./build-listener.ts";
import { isManaged } from "./label-selector.ts";
import { ObjectIndex, type ObjectIndexOptions } from "./object-index.ts";
import {
  describeObject,
  type DiscoveredObject,
  type GatewayObject,
  type RouteObject,
} from "./objects.ts";

export interface RulesOptions extends ObjectIndexOptions {
  /** `key` or `key=value`; a Gateway with one of them is published. */
  readonly managedLabels: readonly string[];
  /** Protocols that the configuration switched off are left out. */
  readonly protocols: ReadonlySet<TunnelProtocol>;
  /** For Gateways without the annotation; null leaves it to the server. */
  readonly defaultIdleTimeoutMs: number | null;
}

/**
 * The rules of discovery: objects in, inventory and dial targets out. Pure, so that a folder of manifests and the
 * Kubernetes API are judged alike.
 */
export function buildSnapshot(
  objects: readonly DiscoveredObject[],
  options: RulesOptions,
): DiscoverySnapshot {
  const index = new ObjectIndex(objects, options);
  const problems: DiscoveryProblem[] = [];
  const targets = new Map<string, readonly UpstreamBackend[]>();
  const gateways: InventoryGateway[] = [];
  for (const gateway of index.gateways) {
    if (!isManaged(gateway.metadata.labels, options.managedLabels)) {
      if (options.isLenient) problems.push(unmanaged(gateway, options.managedLabels));
      continue;
    }
    gateways.push(buildGateway(gateway, { index, options, problems, targets }));
  }
  if (options.isLenient) {
    for (const route of index.routes) problems.push(...findLostRefs(route, index));
  }
  return { gateways, problems, targets };
}

interface Building {
  readonly index: ObjectIndex;
  readonly options: RulesOptions;
  readonly problems: DiscoveryProblem[];
  readonly targets: Map<string, readonly UpstreamBackend[]>;
}

function buildGateway(gateway: GatewayObject, building: Building): InventoryGateway {
  const { index, options, problems, targets } = building;
  const where = describeObject(gateway);
  const { namespace, name } = gateway.metadata;
  const annotations = readAnnotations(gateway);
  for (const reason of annotations.problems) problems.push({ where, reason });
  const listeners = new Map<string, InventoryListener>();
  for (const spec of gateway.spec.listeners) {
    const built = buildListener(gateway, spec, index);
    if (built === null) {
      const reason = `Listener ${spec.name} has the protocol ${spec.protocol}, which is not supported.`;
      problems.push({ where, reason });
      continue;
    }
    const { listener } = built;
    if (!options.protocols.has(listener.protocol)) continue;
    const { protocol, port, hostname } = listener;
    const key = listenerKeyText({ namespace, gateway: name, protocol, port, hostname });
    const first = listeners.get(key);
    if (first !== undefined) {
      const reason = `Listener ${listener.name} has the port, protocol and host name of ${first.name}; it is left out.`;
      problems.push({ where, reason });
      continue;
    }
    listeners.set(key, listener);
    if (listener.problem === null) targets.set(key, built.backends);
  }
  return {
    namespace,
    name,
    addresses: gateway.spec.addresses.map(({ value }) => value),
    routingMode: annotations.routingMode,
    idleTimeoutMs: annotations.idleTimeoutMs ?? options.defaultIdleTimeoutMs,
    listeners: [...listeners.values()],
  };
}

function unmanaged(gateway: GatewayObject, labels: readonly string[]): DiscoveryProblem {
  const wanted = labels.join(" or ");
  return {
    where: describeObject(gateway),
    reason: `It is not published: it does not bear the label ${wanted}.`,
  };
}

/** References of a route that reach no listener at all: nobody else would ever mention them. */
function findLostRefs(route: RouteObject, index: ObjectIndex): readonly DiscoveryProblem[] {
  const problems: DiscoveryProblem[] = [];
  const where = describeObject(route);
  for (const ref of route.spec.parentRefs) {
    if (ref.kind !== "Gateway") continue;
    const label = `${ref.namespace ?? route.metadata.namespace}/${ref.name}`;
    const gateway = index.gateways.find((item) => pointsAt(route, ref, item));
    if (gateway === undefined) {
      problems.push({ where, reason: `It names Gateway ${label}, which does not exist here.` });
      continue;
    }
    const isHeard = gateway.spec.listeners.some(
      (listener) => attach(route, ref, { gateway, listener }, index) !== null,
    );
    if (isHeard) continue;
    const section = ref.sectionName === undefined ? "" : ` named ${ref.sectionName}`;
    const port = ref.port === undefined ? "" : ` with port ${ref.port}`;
    const reason = `Gateway ${label} has no listener${section}${port} for a ${route.kind}.`;
    problems.push({ where, reason });
  }
  return problems;
}
