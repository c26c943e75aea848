import type { HeaderChange, HttpFilter, HttpPathChange } from "#protocol/control/http-routing.ts";
import type { HeaderModifier, PathModifier, RequestMirror, RouteFilter } from "../route-rules.ts";
import { pickChoice, RouteFault } from "./route-fault.ts";

export type MirrorFilter = Extract<HttpFilter, { type: "mirror" }>;

/** Finds the backend of a mirror; null when the reference leads nowhere. */
export type FindMirror = (mirror: RequestMirror) => MirrorFilter["backend"] | null;

/** Types that a list of filters may hold once only. Mirrors may be several. */
const ONCE: ReadonlySet<string> = new Set([
  "RequestHeaderModifier",
  "ResponseHeaderModifier",
  "RequestRedirect",
  "URLRewrite",
]);

const SCHEMES = ["http", "https"] as const;

/**
 * The filters of a rule or of one of its backends, in their order. A mirror that leads nowhere is left out, and a type
 * that is not carried stays, because its requests must not pass as if it were not there.
 *
 * @throws RouteFault for filters that exclude each other, and for values that are not known here.
 */
export function buildFilters(
  filters: readonly RouteFilter[],
  findMirror: FindMirror,
): HttpFilter[] {
  checkTogether(filters.map(({ type }) => type));
  return filters.flatMap((filter) => buildFilter(filter, findMirror) ?? []);
}

function checkTogether(types: readonly string[]): void {
  const twice = types.find((type, index) => ONCE.has(type) && types.indexOf(type) !== index);
  if (twice !== undefined) {
    throw new RouteFault("IncompatibleFilters", `has the filter ${twice} twice in one place.`);
  }
  if (types.includes("RequestRedirect") && types.includes("URLRewrite")) {
    const words = "has RequestRedirect and URLRewrite together, which exclude each other.";
    throw new RouteFault("IncompatibleFilters", words);
  }
}

function buildFilter(filter: RouteFilter, findMirror: FindMirror): HttpFilter | null {
  switch (filter.type) {
    case "RequestHeaderModifier": {
      const change = buildChange(contentOf(filter, "requestHeaderModifier"));
      return { type: "request_headers", change };
    }
    case "ResponseHeaderModifier": {
      const change = buildChange(contentOf(filter, "responseHeaderModifier"));
      return { type: "response_headers", change };
    }
    case "RequestRedirect":
      return buildRedirect(contentOf(filter, "requestRedirect"));
    case "URLRewrite": {
      const { hostname, path } = contentOf(filter, "urlRewrite");
      return { type: "rewrite", hostname: toHost(hostname), path: buildPathChange(path) };
    }
    case "RequestMirror":
      return buildMirror(contentOf(filter, "requestMirror"), findMirror);
    default:
      return { type: "unsupported", name: filter.type };
  }
}

/** What a filter of a type says stands in the field of its name. */
function contentOf<Field extends Exclude<keyof RouteFilter, "type">>(
  filter: RouteFilter,
  field: Field,
): NonNullable<RouteFilter[Field]> {
  const content = filter[field];
  if (content !== null && content !== undefined) return content;
  throw new RouteFault("UnsupportedValue", `has a filter ${filter.type} without ${field}.`);
}

/** Of several entries with one name the first holds. */
function buildChange({ set, add, remove }: HeaderModifier): HeaderChange {
  return { set: firstOfEach(set), add: firstOfEach(add), remove };
}

function firstOfEach<T extends { readonly name: string }>(entries: readonly T[]): T[] {
  const names = entries.map(({ name }) => name.toLowerCase());
  return entries.filter((_entry, index) => names.indexOf(names[index] ?? "") === index);
}

function buildRedirect(redirect: NonNullable<RouteFilter["requestRedirect"]>): HttpFilter {
  const { scheme, hostname, path, port, statusCode } = redirect;
  return {
    type: "redirect",
    scheme: scheme ? pickChoice("redirect scheme", scheme, SCHEMES) : null,
    hostname: toHost(hostname),
    path: buildPathChange(path),
    port: port ?? null,
    statusCode: pickChoice("redirect statusCode", statusCode, [301, 302, 303, 307, 308]),
  };
}

function buildPathChange(path: PathModifier | null | undefined): HttpPathChange | null {
  if (!path) return null;
  const type = pickChoice("path type", path.type, ["ReplaceFullPath", "ReplacePrefixMatch"]);
  const value = type === "ReplaceFullPath" ? path.replaceFullPath : path.replacePrefixMatch;
  return { type, value: value ?? "" };
}

const toHost = (hostname: string | null | undefined): string | null =>
  hostname?.toLowerCase() ?? null;

function buildMirror(mirror: RequestMirror, findMirror: FindMirror): MirrorFilter | null {
  const backend = findMirror(mirror);
  if (backend === null) return null;
  const { percent, fraction } = mirror;
  const share = fraction ?? { numerator: percent ?? 100, denominator: 100 };
  return { type: "mirror", backend, ...share };
}
