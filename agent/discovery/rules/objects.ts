import { z } from "zod";
import { GrpcRouteRule, HttpRouteRule, PlainRule } from "./route-rules.ts";

/*
 * The Kubernetes objects that discovery reads, reduced to the fields that the rules use. Unknown fields are dropped:
 * a newer API may say more.
 */

export const GATEWAY_GROUP = "gateway.networking.k8s.io";

const name = z.string().min(1).max(253);
const port = z.int().min(1).max(65_535);
const texts = z.record(z.string(), z.string());
const textsOrNone = texts.nullish().transform((value) => value ?? {});

const Metadata = z.object({
  name,
  namespace: name.nullish().transform((value) => value ?? "default"),
  labels: textsOrNone,
  annotations: textsOrNone,
});

const LabelSelector = z.object({
  matchLabels: textsOrNone,
  matchExpressions: z
    .array(
      z.object({
        key: z.string(),
        operator: z.enum(["In", "NotIn", "Exists", "DoesNotExist"]),
        values: z.array(z.string()).default([]),
      }),
    )
    .default([]),
});
export type LabelSelector = z.infer<typeof LabelSelector>;

const AllowedRoutes = z.object({
  namespaces: z
    .object({
      from: z.enum(["Same", "All", "Selector", "None"]).default("Same"),
      selector: LabelSelector.optional(),
    })
    .default({ from: "Same" }),
  kinds: z.array(z.object({ group: z.string().optional(), kind: name })).optional(),
});

const Listener = z.object({
  name,
  port,
  protocol: name,
  hostname: z.string().max(253).nullish(),
  tls: z.object({ mode: z.string().nullish() }).nullish(),
  allowedRoutes: AllowedRoutes.default({ namespaces: { from: "Same" } }),
});
export type Listener = z.infer<typeof Listener>;

const Conditions = z.array(z.object({ type: z.string(), status: z.string() })).default([]);
/** One without a value asks the cluster's controller for an address of its choice. */
const Addresses = z.array(z.object({ value: z.string().max(253).nullish() })).default([]);

const GatewayStatus = z.object({
  addresses: Addresses,
  conditions: Conditions,
  listeners: z.array(z.object({ name: z.string(), conditions: Conditions })).default([]),
});

const GatewayObject = z.object({
  kind: z.literal("Gateway"),
  metadata: Metadata,
  spec: z.object({
    gatewayClassName: z.string().default(""),
    listeners: z.array(Listener).default([]),
    addresses: Addresses,
    allowedListeners: z
      .object({ namespaces: z.object({ from: z.string().default("None") }).optional() })
      .nullish(),
  }),
  status: GatewayStatus.default({ addresses: [], conditions: [], listeners: [] }),
});
export type GatewayObject = z.infer<typeof GatewayObject>;

const ParentRef = z.object({
  group: z.string().default(GATEWAY_GROUP),
  kind: z.string().default("Gateway"),
  name,
  namespace: name.optional(),
  sectionName: z.string().optional(),
  port: port.optional(),
});
export type ParentRef = z.infer<typeof ParentRef>;

export const ROUTE_KINDS = ["TCPRoute", "UDPRoute", "HTTPRoute", "GRPCRoute", "TLSRoute"] as const;
export type RouteKind = (typeof ROUTE_KINDS)[number];

const REFUSING: ReadonlySet<string> = new Set(["Accepted", "ResolvedRefs"]);

const RouteParentStatus = z.object({
  parentRef: z.object({ name, namespace: name.optional() }),
  controllerName: z.string(),
  conditions: z.array(
    z.object({ type: z.string(), status: z.string(), reason: z.string(), message: z.string() }),
  ),
});

/** What a controller of the cluster holds against a route. */
export interface Refusal {
  readonly parent: { readonly name: string; readonly namespace?: string | undefined };
  readonly controller: string;
  readonly reason: string;
  readonly message: string;
}

/** Of everything that controllers write, only refusals are kept. What cannot be read says nothing. */
const RouteStatus = z
  .object({ parents: z.array(RouteParentStatus) })
  .nullish()
  .catch(null)
  .transform((status): readonly Refusal[] =>
    (status?.parents ?? []).flatMap(({ parentRef, controllerName, conditions }) =>
      conditions
        .filter(({ type, status: is }) => REFUSING.has(type) && is === "False")
        .map(({ reason, message }) => ({
          parent: parentRef,
          controller: controllerName,
          reason,
          message,
        })),
    ),
  );

/** A route of one kind, or of several whose rules look alike. */
function routeObject<Kind extends z.ZodType, Rule extends z.ZodType>(kind: Kind, rule: Rule) {
  return z.object({
    kind,
    metadata: Metadata.extend({
      /** Decides between routes that want the same listener; empty in a folder. */
      creationTimestamp: z
        .string()
        .nullish()
        .transform((value) => value ?? ""),
    }),
    status: RouteStatus,
    spec: z.object({
      parentRefs: z.array(ParentRef).default([]),
      hostnames: z.array(z.string().max(253)).default([]),
      rules: z.array(rule).default([]),
    }),
  });
}

const PlainRouteObject = routeObject(z.enum(["TCPRoute", "UDPRoute", "TLSRoute"]), PlainRule);
const HttpRouteObject = routeObject(z.literal("HTTPRoute"), HttpRouteRule);
const GrpcRouteObject = routeObject(z.literal("GRPCRoute"), GrpcRouteRule);
export type HttpRouteObject = z.infer<typeof HttpRouteObject>;
export type GrpcRouteObject = z.infer<typeof GrpcRouteObject>;
export type RouteObject = z.infer<typeof PlainRouteObject> | HttpRouteObject | GrpcRouteObject;

const ReferenceGrantObject = z.object({
  kind: z.literal("ReferenceGrant"),
  metadata: Metadata,
  spec: z.object({
    from: z.array(z.object({ group: z.string(), kind: z.string(), namespace: z.string() })),
    to: z.array(z.object({ group: z.string(), kind: z.string(), name: name.nullish() })),
  }),
});
export type ReferenceGrantObject = z.infer<typeof ReferenceGrantObject>;

const protocol = z.string().default("TCP");

const ServiceObject = z.object({
  kind: z.literal("Service"),
  metadata: Metadata,
  spec: z.object({
    type: z.string().default("ClusterIP"),
    externalName: z.string().max(253).optional(),
    ports: z
      .array(
        z.object({
          name: z.string().optional(),
          port,
          protocol,
          appProtocol: z.string().nullish(),
        }),
      )
      .default([]),
  }),
  status: z
    .object({
      loadBalancer: z
        .object({
          ingress: z
            .array(
              z.object({
                ip: z.string().max(64).optional(),
                hostname: z.string().max(253).optional(),
              }),
            )
            .default([]),
        })
        .default({ ingress: [] }),
    })
    .default({ loadBalancer: { ingress: [] } }),
});
export type ServiceObject = z.infer<typeof ServiceObject>;

const EndpointSliceObject = z.object({
  kind: z.literal("EndpointSlice"),
  metadata: Metadata,
  endpoints: z
    .array(
      z.object({
        addresses: z.array(z.string().min(1).max(253)),
        conditions: z
          .object({ ready: z.boolean().nullish() })
          .nullish()
          .transform((value) => ({ ready: value?.ready ?? true })),
      }),
    )
    .nullish()
    .transform((value) => value ?? []),
  ports: z
    .array(
      z.object({
        name: z.string().nullish(),
        port: port.nullish(),
        protocol,
        appProtocol: z.string().nullish(),
      }),
    )
    .nullish()
    .transform((value) => value ?? []),
});
export type EndpointSliceObject = z.infer<typeof EndpointSliceObject>;

export const DiscoveredObject = z.discriminatedUnion("kind", [
  GatewayObject,
  PlainRouteObject,
  HttpRouteObject,
  GrpcRouteObject,
  ReferenceGrantObject,
  ServiceObject,
  EndpointSliceObject,
]);
export type DiscoveredObject = z.infer<typeof DiscoveredObject>;

/** API group of each kind we read, by its name. */
export const GROUP_BY_KIND: ReadonlyMap<string, string> = new Map([
  ["Gateway", GATEWAY_GROUP],
  ...ROUTE_KINDS.map((kind): [string, string] => [kind, GATEWAY_GROUP]),
  ["ReferenceGrant", GATEWAY_GROUP],
  ["Service", ""],
  ["EndpointSlice", "discovery.k8s.io"],
]);

/** `Kind namespace/name`, as operators write it. */
export function describeObject(object: DiscoveredObject): string {
  return `${object.kind} ${object.metadata.namespace}/${object.metadata.name}`;
}
