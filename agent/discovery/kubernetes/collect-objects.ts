import { CONTROL_LIMITS } from "#protocol/control/limits.ts";
import { OWN_CONTROLLER } from "../rules/gateway-address.ts";
import type { DiscoveredObject, ServiceObject } from "../rules/objects.ts";
import type { ClusterObject } from "./parse-object.ts";

export interface CollectedObjects {
  readonly objects: readonly DiscoveredObject[];
  readonly namespaceLabels: ReadonlyMap<string, Readonly<Record<string, string>>>;
  readonly ownGatewayClasses: ReadonlySet<string>;
  readonly loadBalancers: string[];
}

interface HasObjects {
  objects(): Iterable<ClusterObject>;
}

/** Sorts everything that is mirrored into what the rules ask for. */
export function collectObjects(mirrors: readonly HasObjects[]): CollectedObjects {
  const objects: DiscoveredObject[] = [];
  const namespaceLabels = new Map<string, Readonly<Record<string, string>>>();
  const ownGatewayClasses = new Set<string>();
  const loadBalancers = new Set<string>();
  for (const mirror of mirrors) {
    for (const object of mirror.objects()) {
      switch (object.kind) {
        case "Namespace":
          namespaceLabels.set(object.metadata.name, object.metadata.labels);
          break;
        case "GatewayClass":
          if (object.spec.controllerName === OWN_CONTROLLER) {
            ownGatewayClasses.add(object.metadata.name);
          }
          break;
        case "Service":
          for (const address of loadBalancerAddresses(object)) loadBalancers.add(address);
          objects.push(object);
          break;
        default:
          objects.push(object);
      }
    }
  }
  return {
    objects,
    namespaceLabels,
    ownGatewayClasses,
    loadBalancers: [...loadBalancers].sort().slice(0, CONTROL_LIMITS.loadBalancers),
  };
}

function loadBalancerAddresses({ spec, status }: ServiceObject): readonly string[] {
  if (spec.type !== "LoadBalancer") return [];
  return status.loadBalancer.ingress.flatMap(({ ip, hostname }) => ip ?? hostname ?? []);
}
