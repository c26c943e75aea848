import type { TunnelProtocol } from "#protocol/api/tunnels.ts";
import type { InventoryGateway, InventoryListener } from "#protocol/control/inventory.ts";
import { listenerKeyText } from "#protocol/control/inventory.ts";
import type { DiscoveryProblem, DiscoverySnapshot, UpstreamBackend } from "../discovery.ts";
import { readAnnotations } from "./annotations.ts";
import { attachRoutes } from "./attach-routes.ts";
import { buildListener } from "./build-listener.ts";
import { listAddresses, throughGateway, type GatewayAddressOptions } from "./gateway-address.ts";
import { findConflicts } from "./listener-conflicts.ts";
import { isManaged } from "./label-selector.ts";
import { ObjectIndex, type ObjectIndexOptions } from "./object-index.ts";
import { describeObject, type DiscoveredObject, type GatewayObject } from "./objects.ts";
import { findGatewayProblems, findStrayRefs } from "./unread.ts";

export interface RulesOptions extends ObjectIndexOptions, GatewayAddressOptions {
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
  const [example] = index.gateways;
  if (!options.isLenient && gateways.length === 0 && example !== undefined) {
    problems.push(noneManaged(example, index.gateways.length, options.managedLabels));
  }
  problems.push(...findStrayRefs(index, options));
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
  const { namespace, name } = gateway.metadata;
  const annotations = readAnnotations(gateway);
  const attachments = attachRoutes(gateway, index, problems);
  const conflicts = findConflicts(gateway.spec.listeners);
  const listeners: InventoryListener[] = [];
  for (const spec of gateway.spec.listeners) {
    const ownAddress = throughGateway(gateway, spec, options);
    const parts = {
      gateway,
      listener: spec,
      isServedByGateway: ownAddress !== null,
      attachments: [...(attachments.get(spec)?.values() ?? [])],
      conflict: conflicts.get(spec) ?? null,
    };
    const built = buildListener(parts, index);
    if (built === null || !options.protocols.has(built.listener.protocol)) continue;
    const { listener } = built;
    listeners.push(listener);
    problems.push(...built.problems);
    const { protocol, port, hostname } = listener;
    const key = listenerKeyText({ namespace, gateway: name, protocol, port, hostname });
    if (listener.problem !== null) continue;
    targets.set(key, ownAddress === null ? built.targets : [ownAddress]);
  }
  const where = describeObject(gateway);
  for (const reason of annotations.problems) problems.push({ where, reason });
  for (const problem of findGatewayProblems(gateway)) problems.push({ where, ...problem });
  return {
    namespace,
    name,
    addresses: [...listAddresses(gateway, options)],
    routingMode: annotations.routingMode,
    idleTimeoutMs: annotations.idleTimeoutMs ?? options.defaultIdleTimeoutMs,
    listeners,
  };
}

/** A cluster may hold Gateways that are nobody's business here; only when none is ours is a label likely forgotten. */
function noneManaged(
  { metadata: { namespace, name } }: GatewayObject,
  count: number,
  labels: readonly string[],
): DiscoveryProblem {
  const [label = ""] = labels;
  const what = count === 1 ? "1 Gateway is here, without" : `${count} Gateways are here, none with`;
  const value = label.includes("=") ? label : `${label}=true`;
  return {
    where: "Gateways",
    reason: `${what} the label ${labels.join(" or ")}. To publish one: kubectl -n ${namespace} label gateway ${name} ${value}`,
  };
}

function unmanaged(gateway: GatewayObject, labels: readonly string[]): DiscoveryProblem {
  const wanted = labels.join(" or ");
  return {
    where: describeObject(gateway),
    reason: `It is not published: it does not bear the label ${wanted}.`,
  };
}
