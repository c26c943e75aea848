import { z } from "zod";
import { HTTP_ROUTING_LIMITS } from "#protocol/control/http-routing.ts";

/*
 * What the rules of routes say, reduced to the fields that are read. Enumerations stay texts here: a value that a newer
 * API added is judged later, so that it does not hide the whole object.
 */

const name = z.string().min(1).max(253);
const port = z.int().min(1).max(65_535);
const choice = z.string().max(256);
const text = z.string().max(HTTP_ROUTING_LIMITS.value);
const hostname = z.string().min(1).max(253);
/** A header or a query parameter. */
const key = z.string().min(1).max(256);

/** Left out, null and empty are the same. */
function listOf<T extends z.ZodType>(item: T) {
  return z
    .array(item)
    .nullish()
    .transform((value) => value ?? []);
}

/** True when something stands there, whatever it is. */
const isThere = z
  .unknown()
  .optional()
  .transform((value) => value !== undefined && value !== null);

export const BackendRef = z.object({
  group: z.string().default(""),
  kind: z.string().default("Service"),
  name,
  namespace: name.optional(),
  port: port.optional(),
  weight: z.int().min(0).max(1_000_000).default(1),
});
export type BackendRef = z.infer<typeof BackendRef>;

/** Of TCPRoute, UDPRoute and TLSRoute. */
export const PlainRule = z.object({ backendRefs: listOf(BackendRef) });

const Header = z.object({ name: key, value: text });
const HeaderModifier = z.object({ set: listOf(Header), add: listOf(Header), remove: listOf(key) });
export type HeaderModifier = z.infer<typeof HeaderModifier>;

const PathModifier = z.object({
  type: choice,
  replaceFullPath: text.nullish(),
  replacePrefixMatch: text.nullish(),
});
export type PathModifier = z.infer<typeof PathModifier>;

const RequestRedirect = z.object({
  scheme: choice.nullish(),
  hostname: hostname.nullish(),
  path: PathModifier.nullish(),
  port: port.nullish(),
  statusCode: z.int().default(302),
});

const RequestMirror = z.object({
  backendRef: BackendRef,
  percent: z.int().min(0).max(100).nullish(),
  fraction: z
    .object({ numerator: z.int().min(0), denominator: z.int().min(1).default(100) })
    .nullish(),
});
export type RequestMirror = z.infer<typeof RequestMirror>;

const RouteFilter = z.object({
  type: choice,
  requestHeaderModifier: HeaderModifier.nullish(),
  responseHeaderModifier: HeaderModifier.nullish(),
  requestRedirect: RequestRedirect.nullish(),
  urlRewrite: z.object({ hostname: hostname.nullish(), path: PathModifier.nullish() }).nullish(),
  requestMirror: RequestMirror.nullish(),
});
export type RouteFilter = z.infer<typeof RouteFilter>;

const FilteredBackendRef = BackendRef.extend({ filters: listOf(RouteFilter) });

const ValueMatch = z.object({ type: choice.default("Exact"), name: key, value: text });
export type ValueMatch = z.infer<typeof ValueMatch>;

const HttpRouteMatch = z.object({
  path: z
    .object({ type: choice.default("PathPrefix"), value: text.default("/") })
    .default({ type: "PathPrefix", value: "/" }),
  headers: listOf(ValueMatch),
  queryParams: listOf(ValueMatch),
  method: z.string().max(64).nullish(),
});
export type HttpRouteMatch = z.infer<typeof HttpRouteMatch>;

/** As the Gateway API writes durations (GEP-2257): `1h30m`, `500ms`, `0s`. */
const Duration = z.string().regex(/^([0-9]{1,5}(h|m|s|ms)){1,4}$/, "must be a duration like 1m30s");

export const HttpRouteRule = z.object({
  backendRefs: listOf(FilteredBackendRef),
  matches: listOf(HttpRouteMatch),
  filters: listOf(RouteFilter),
  timeouts: z.object({ request: Duration.nullish(), backendRequest: Duration.nullish() }).nullish(),
  retry: isThere,
  sessionPersistence: isThere,
});

const GrpcRouteMatch = z.object({
  method: z
    .object({
      type: choice.default("Exact"),
      service: text.nullish(),
      method: text.nullish(),
    })
    .nullish(),
  headers: listOf(ValueMatch),
});
export type GrpcRouteMatch = z.infer<typeof GrpcRouteMatch>;

export const GrpcRouteRule = z.object({
  backendRefs: listOf(FilteredBackendRef),
  matches: listOf(GrpcRouteMatch),
  filters: listOf(RouteFilter),
  sessionPersistence: isThere,
});
