import { HttpRule, type HttpBackend, type HttpFilter } from "#protocol/control/http-routing.ts";
import type { DiscoveryProblem, UpstreamBackend } from "../../discovery.ts";
import { parseDurationMs } from "../annotations.ts";
import { describeObject, type GrpcRouteObject, type HttpRouteObject } from "../objects.ts";
import type { ResolvedRef } from "../resolve-backend.ts";
import type { BackendRef } from "../route-rules.ts";
import { buildFilters, type FindMirror } from "./build-filters.ts";
import { ANY_REQUEST, buildGrpcMatches, buildHttpMatches } from "./build-matches.ts";
import { RouteFault } from "./route-fault.ts";

/** No timer waits longer, milliseconds; so long a timeout is none. */
const TIMER_MAX_MS = 2_147_483_647;
/** For references that name no port: they are wrong, so that nobody ever dials it. */
const NO_PORT = 1;

/** A route of HTTP in our terms. */
export interface BuiltRules {
  readonly rules: readonly HttpRule[];
  /** Backends that only get copies of requests. */
  readonly mirrors: readonly UpstreamBackend[];
  /** What is worth knowing about the route, plain sentences. */
  readonly notes: readonly string[];
  /** Rules that were left out, and why. */
  readonly problems: readonly DiscoveryProblem[];
}

export interface BuildRulesOptions {
  /** That lead to the route through the listener; empty means any. */
  readonly hostnames: readonly string[];
  readonly resolve: (ref: BackendRef) => ResolvedRef;
}

/**
 * What an HTTPRoute or a GRPCRoute does with the requests of one listener.
 *
 * @throws RouteFault when the specification wants the whole route refused.
 */
export function buildRules(
  route: HttpRouteObject | GrpcRouteObject,
  { hostnames, resolve }: BuildRulesOptions,
): BuiltRules {
  const mirrors: UpstreamBackend[] = [];
  const notes = new Set<string>();
  const problems: DiscoveryProblem[] = [];
  const label = describeObject(route);
  const findMirror: FindMirror = ({ backendRef }) => {
    const { backend, fault, protocol } = resolve(backendRef);
    if (fault !== null) notes.add(`Nothing is mirrored there: ${fault.message}`);
    if (fault !== null || backend === null) return null;
    mirrors.push({ ...backend, weight: 0 });
    const { namespace, name, port } = backend;
    return { namespace, name, port, protocol };
  };
  const parts = { route: label, hostnames: [...hostnames] };
  const rules = partsOf(route).flatMap(({ backendRefs, filters, ...rest }, index) => {
    const rule: HttpRule = {
      ...parts,
      ...rest,
      filters: buildFilters(filters, findMirror),
      backends: backendRefs.map((ref) => ({
        ...buildBackend(route, ref, resolve(ref)),
        filters: buildFilters(ref.filters, findMirror),
      })),
    };
    checkPrefixChanges(rule);
    for (const name of listUnsupported(rule)) {
      notes.add(
        `Requests that need its filter ${name}, which is not supported, get the answer 500.`,
      );
    }
    const parsed = HttpRule.safeParse(rule);
    if (parsed.success) return [rule];
    problems.push({ where: label, reason: describeExcess(index, parsed.error.issues[0]) });
    return [];
  });
  return { rules, mirrors, notes: [...notes, ...findUnread(route)], problems };
}

/** Of a route behind a Gateway's own data plane, which reads the rules itself, only the host names count. */
export function passOn(
  route: HttpRouteObject | GrpcRouteObject,
  hostnames: readonly string[],
): BuiltRules {
  const rule: HttpRule = {
    route: describeObject(route),
    hostnames: [...hostnames],
    matches: [ANY_REQUEST],
    filters: [],
    backends: [],
    requestTimeoutMs: null,
    backendTimeoutMs: null,
  };
  return { rules: [rule], mirrors: [], notes: [], problems: [] };
}

/** What the rules of both kinds come down to. */
function partsOf(route: HttpRouteObject | GrpcRouteObject) {
  if (route.kind === "GRPCRoute") {
    return route.spec.rules.map(({ backendRefs, filters, matches }) => ({
      backendRefs,
      filters,
      matches: buildGrpcMatches(matches),
      requestTimeoutMs: null,
      backendTimeoutMs: null,
    }));
  }
  return route.spec.rules.map(({ backendRefs, filters, matches, timeouts }) => ({
    backendRefs,
    filters,
    matches: buildHttpMatches(matches),
    requestTimeoutMs: toTimeoutMs(timeouts?.request),
    backendTimeoutMs: toTimeoutMs(timeouts?.backendRequest),
  }));
}

/** Zero is the specification's word for none. */
function toTimeoutMs(duration: string | null | undefined): number | null {
  const ms = duration ? parseDurationMs(duration) : null;
  return ms === null || ms === 0 || ms > TIMER_MAX_MS ? null : ms;
}

function buildBackend(
  route: HttpRouteObject | GrpcRouteObject,
  ref: BackendRef,
  { backend, fault, protocol }: ResolvedRef,
): Omit<HttpBackend, "filters"> {
  const { namespace, name, port, weight, ready } = backend ?? {
    namespace: ref.namespace ?? route.metadata.namespace,
    name: ref.name,
    port: NO_PORT,
    weight: ref.weight,
    ready: false,
  };
  return { namespace, name, port, weight, ready, isInvalid: fault !== null, protocol };
}

/** Where a prefix is replaced, a prefix must have been matched. */
function checkPrefixChanges({ matches, filters, backends }: HttpRule): void {
  const all = [filters, ...backends.map((backend) => backend.filters)].flat();
  const changes = all.some((filter) => pathTypeOf(filter) === "ReplacePrefixMatch");
  if (changes && matches.some(({ path }) => path.type !== "PathPrefix")) {
    const words = "replaces a path prefix in a rule that does not match by PathPrefix.";
    throw new RouteFault("UnsupportedValue", words);
  }
}

function pathTypeOf(filter: HttpFilter): string | null {
  return filter.type === "redirect" || filter.type === "rewrite"
    ? (filter.path?.type ?? null)
    : null;
}

function listUnsupported({ filters, backends }: HttpRule): readonly string[] {
  return [filters, ...backends.map((backend) => backend.filters)]
    .flat()
    .flatMap((filter) => (filter.type === "unsupported" ? [filter.name] : []));
}

function findUnread(route: HttpRouteObject | GrpcRouteObject): readonly string[] {
  const { spec, kind } = route;
  const sticky = spec.rules.some((rule) => rule.sessionPersistence);
  const retries = kind === "HTTPRoute" && spec.rules.some((rule) => rule.retry);
  return [
    ...(sticky ? ["Its sessionPersistence is not read."] : []),
    ...(retries ? ["Its retry is not read."] : []),
  ];
}

function describeExcess(
  index: number,
  issue: { readonly path: readonly PropertyKey[]; readonly message: string } | undefined,
): string {
  const where = issue?.path.map(String).join(".") ?? "";
  return `Its rule ${index + 1} is left out: ${where}: ${issue?.message ?? ""}.`;
}
