import {
  GATEWAY_GROUP,
  type DiscoveredObject,
  type EndpointSliceObject,
  type GatewayObject,
  type ParentRef,
  type ReferenceGrantObject,
  type RouteObject,
  type ServiceObject,
} from "./objects.ts";

const SERVICE_LABEL = "kubernetes.io/service-name";

export interface ObjectIndexOptions {
  /** Labels of namespaces where they are known; the name itself is always one. */
  readonly namespaceLabels?: ReadonlyMap<string, Readonly<Record<string, string>>>;
  /** In a folder, an EndpointSlice may stand without its Service, and single ports need no names. */
  readonly isLenient: boolean;
}

/** One parentRef of a route that names a Gateway. */
export interface RouteRef {
  readonly route: RouteObject;
  readonly ref: ParentRef;
}

/** All objects of one look at the world, by what the rules ask for. */
export class ObjectIndex {
  readonly gateways: readonly GatewayObject[];
  readonly routes: readonly RouteObject[];
  readonly isLenient: boolean;
  readonly #namespaceLabels: ReadonlyMap<string, Readonly<Record<string, string>>>;
  readonly #services = new Map<string, ServiceObject>();
  readonly #slices = new Map<string, EndpointSliceObject[]>();
  readonly #grants = new Map<string, ReferenceGrantObject[]>();
  readonly #refs = new Map<string, RouteRef[]>();

  constructor(objects: readonly DiscoveredObject[], options: ObjectIndexOptions) {
    this.isLenient = options.isLenient;
    this.#namespaceLabels = options.namespaceLabels ?? new Map();
    const gateways: GatewayObject[] = [];
    const routes: RouteObject[] = [];
    for (const object of objects) {
      const { namespace, name, labels } = object.metadata;
      switch (object.kind) {
        case "Gateway":
          gateways.push(object);
          break;
        case "Service":
          this.#services.set(`${namespace}/${name}`, object);
          break;
        case "EndpointSlice":
          append(this.#slices, `${namespace}/${labels[SERVICE_LABEL] ?? ""}`, object);
          break;
        case "ReferenceGrant":
          append(this.#grants, namespace, object);
          break;
        default:
          routes.push(object);
      }
    }
    this.gateways = gateways.sort(byName);
    this.routes = routes.sort(byName);
    for (const route of this.routes) this.#addRefs(route);
  }

  #addRefs(route: RouteObject): void {
    for (const ref of route.spec.parentRefs) {
      if (ref.group !== GATEWAY_GROUP || ref.kind !== "Gateway") continue;
      const namespace = ref.namespace ?? route.metadata.namespace;
      append(this.#refs, `${namespace}/${ref.name}`, { route, ref });
    }
  }

  /** Every parentRef that names a Gateway, whichever listener it means. */
  listRefs(namespace: string, gatewayName: string): readonly RouteRef[] {
    return this.#refs.get(`${namespace}/${gatewayName}`) ?? [];
  }

  findService(namespace: string, name: string): ServiceObject | null {
    return this.#services.get(`${namespace}/${name}`) ?? null;
  }

  listSlices(namespace: string, serviceName: string): readonly EndpointSliceObject[] {
    return this.#slices.get(`${namespace}/${serviceName}`) ?? [];
  }

  listGrants(namespace: string): readonly ReferenceGrantObject[] {
    return this.#grants.get(namespace) ?? [];
  }

  labelsOfNamespace(namespace: string): Readonly<Record<string, string>> {
    return {
      ...this.#namespaceLabels.get(namespace),
      "kubernetes.io/metadata.name": namespace,
    };
  }
}

function append<T>(map: Map<string, T[]>, key: string, item: T): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [item]);
  else list.push(item);
}

/** The same order on every look, so that nothing changes when nothing changed. */
function byName(a: GatewayObject | RouteObject, b: GatewayObject | RouteObject): number {
  return (
    compare(a.metadata.namespace, b.metadata.namespace) ||
    compare(a.metadata.name, b.metadata.name) ||
    compare(a.kind, b.kind)
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
