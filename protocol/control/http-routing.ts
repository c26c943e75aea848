import { z } from "zod";

/** Bounds of one listener's HTTP routing; a rule that is over is left out with a problem. */
export const HTTP_ROUTING_LIMITS = {
  rules: 512,
  hostnames: 256,
  matches: 64,
  conditions: 16,
  filters: 16,
  backends: 16,
  headers: 64,
  /** Characters of a path, a header value or a pattern. */
  value: 4_096,
} as const;

const L = HTTP_ROUTING_LIMITS;
const value = z.string().max(L.value);
const objectName = z.string().min(1).max(253);
const port = z.number().int().min(1).max(65_535);
/** Lower case; `*.example.com` covers every name below example.com, never example.com itself. */
const hostname = z.string().min(1).max(253);
/** Field names as RFC 9110 allows them. */
const headerName = z.string().regex(/^[A-Za-z0-9!#$%&'*+\-.^_`|~]{1,256}$/);

export const HttpPathMatch = z.object({
  /** `PathPrefix` covers whole segments: `/a` covers `/a` and `/a/b`, never `/ab`. `GrpcMethod` is a method of any service. */
  type: z.enum(["Exact", "PathPrefix", "RegularExpression", "GrpcMethod"]),
  value,
});
export type HttpPathMatch = z.infer<typeof HttpPathMatch>;

/** A header or a query parameter. Header names compare without case, parameter names with it. */
export const HttpValueMatch = z.object({
  type: z.enum(["Exact", "RegularExpression"]),
  name: z.string().min(1).max(256),
  value,
});
export type HttpValueMatch = z.infer<typeof HttpValueMatch>;

/** All of it must hold. A GRPCRoute's method match is a path here. */
export const HttpMatch = z.object({
  path: HttpPathMatch,
  /** Null: any. */
  method: z.string().max(64).nullable(),
  headers: z.array(HttpValueMatch).max(L.conditions),
  query: z.array(HttpValueMatch).max(L.conditions),
});
export type HttpMatch = z.infer<typeof HttpMatch>;

const namedValues = z.array(z.object({ name: headerName, value })).max(L.headers);

export const HeaderChange = z.object({
  set: namedValues,
  add: namedValues,
  remove: z.array(headerName).max(L.headers),
});
export type HeaderChange = z.infer<typeof HeaderChange>;

export const HttpPathChange = z.object({
  type: z.enum(["ReplaceFullPath", "ReplacePrefixMatch"]),
  value,
});
export type HttpPathChange = z.infer<typeof HttpPathChange>;

const service = { namespace: objectName, name: objectName, port };

/** Which backend of the listener a stream is for. */
export const BackendKey = z.object(service);
export type BackendKey = z.infer<typeof BackendKey>;

export const BackendProtocol = z.enum(["http1", "h2c"]);
export type BackendProtocol = z.infer<typeof BackendProtocol>;

const headerFilters = [
  z.object({ type: z.literal("request_headers"), change: HeaderChange }),
  z.object({ type: z.literal("response_headers"), change: HeaderChange }),
] as const;

/** In the order in which the route names them. */
export const HttpFilter = z.discriminatedUnion("type", [
  ...headerFilters,
  z.object({
    type: z.literal("redirect"),
    scheme: z.enum(["http", "https"]).nullable(),
    hostname: hostname.nullable(),
    path: HttpPathChange.nullable(),
    port: port.nullable(),
    statusCode: z.literal([301, 302, 303, 307, 308]),
  }),
  z.object({
    type: z.literal("rewrite"),
    hostname: hostname.nullable(),
    path: HttpPathChange.nullable(),
  }),
  z.object({
    type: z.literal("mirror"),
    backend: z.object({ ...service, protocol: BackendProtocol }),
    /** Of so many requests … */
    denominator: z.number().int().min(1).max(1_000_000),
    /** … so many are mirrored. */
    numerator: z.number().int().min(0).max(1_000_000),
  }),
  /** Not carried here: requests of the rule are answered with 500, as the Gateway API wants. */
  z.object({ type: z.literal("unsupported"), name: z.string().max(256) }),
]);
export type HttpFilter = z.infer<typeof HttpFilter>;

export const HttpBackend = z.object({
  ...service,
  weight: z.number().int().min(0).max(1_000_000),
  /** False leaves its share to the others. */
  ready: z.boolean(),
  /** The reference itself is wrong: its share of the requests is answered with 500. */
  isInvalid: z.boolean(),
  protocol: BackendProtocol,
  /** For requests that go to this backend; after those of the rule. */
  filters: z.array(HttpFilter).max(L.filters),
});
export type HttpBackend = z.infer<typeof HttpBackend>;

export const HttpRule = z.object({
  /** `HTTPRoute shop/web`. */
  route: z.string().max(1_024),
  /** Of the route, within the listener's; empty means any host. */
  hostnames: z.array(hostname).max(L.hostnames),
  /** At least one; the first that holds is as good as any other. */
  matches: z.array(HttpMatch).min(1).max(L.matches),
  filters: z.array(HttpFilter).max(L.filters),
  backends: z.array(HttpBackend).max(L.backends),
  /** From the whole request head to the end of the response, milliseconds; null = as long as it takes. */
  requestTimeoutMs: z.number().int().min(1).nullable(),
  /** The same for one attempt at a backend, to the end of its response; null = as long as it takes. */
  backendTimeoutMs: z.number().int().min(1).nullable(),
});
export type HttpRule = z.infer<typeof HttpRule>;

/** What a listener of HTTPRoutes and GRPCRoutes does with a request. */
export const HttpRouting = z.object({
  /**
   * The Gateway's own data plane is dialled: it matches paths, filters and chooses backends itself. Of the rules only
   * the host names count then, and the stream names no backend.
   */
  isThroughGateway: z.boolean(),
  /** The Gateway ends TLS on this listener itself, so that plain HTTP would not be understood. */
  isTls: z.boolean(),
  /** Of all accepted routes, the oldest route first, each in its own order: what decides between equals. */
  rules: z.array(HttpRule).max(L.rules),
});
export type HttpRouting = z.infer<typeof HttpRouting>;
