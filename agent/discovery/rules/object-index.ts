import type {
  DiscoveredObject,
  EndpointSliceObject,
  GatewayObject,
  ReferenceGrantObject,
  RouteObject,
  ServiceObject,
} from "./objects.ts";

const SERVICE_LABEL = "kubernetes.io/service-name";

export interface ObjectIndexOptions {
  /** Labels of namespaces where they are known; the name itself is always one. */
  readonly namespaceLabels?: ReadonlyMap<string, Readonly<Record<string, string>>>;
  /** In a folder, an EndpointSlice may stand without its Service, and single ports need no names. */
  readonly isLenient: boolean;
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
  const left = `${a.metadata.namespace}/${a.metadata.name}/${a.kind}`;
  const right = `${b.metadata.namespace}/${b.metadata.name}/${b.kind}`;
  return left < right ? -1 : left > right ? 1 : 0;
}
