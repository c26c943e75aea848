import type { HttpMatch, HttpPathMatch, HttpValueMatch } from "#protocol/control/http-routing.ts";
import type { GrpcRouteMatch, HttpRouteMatch, ValueMatch } from "../route-rules.ts";
import { pickChoice, RouteFault } from "./route-fault.ts";

/** What a rule without matches means. */
export const ANY_REQUEST: HttpMatch = {
  path: { type: "PathPrefix", value: "/" },
  method: null,
  headers: [],
  query: [],
};

/** @throws RouteFault for a value that is not known here. */
export function buildHttpMatches(matches: readonly HttpRouteMatch[]): HttpMatch[] {
  if (matches.length === 0) return [ANY_REQUEST];
  return matches.map(({ path, method, headers, queryParams }) => ({
    path: buildPath(path),
    method: method ?? null,
    headers: headers.map((match) => buildValueMatch("header match", match)),
    query: queryParams.map((match) => buildValueMatch("query parameter match", match)),
  }));
}

function buildPath({ type, value }: HttpRouteMatch["path"]): HttpPathMatch {
  const known = pickChoice("path match", type, ["Exact", "PathPrefix", "RegularExpression"]);
  if (known !== "RegularExpression" && !value.startsWith("/")) {
    throw new RouteFault("UnsupportedValue", `matches the path ${value}, which lacks its first /.`);
  }
  return { type: known, value };
}

function buildValueMatch(what: string, { type, name, value }: ValueMatch): HttpValueMatch {
  return { type: pickChoice(what, type, ["Exact", "RegularExpression"]), name, value };
}

/**
 * A call of gRPC is a request for `/service/method`.
 *
 * @throws RouteFault for a value that is not known here.
 */
export function buildGrpcMatches(matches: readonly GrpcRouteMatch[]): HttpMatch[] {
  if (matches.length === 0) return [ANY_REQUEST];
  return matches.map(({ method, headers }) => ({
    ...ANY_REQUEST,
    path: buildMethodPath(method ?? { type: "Exact" }),
    headers: headers.map((match) => buildValueMatch("header match", match)),
  }));
}

/** Empty and left out mean any. */
function buildMethodPath({ type, service, method }: NonNullable<GrpcRouteMatch["method"]>) {
  const isExact = pickChoice("method match", type, ["Exact", "RegularExpression"]) === "Exact";
  if (!service && !method) return ANY_REQUEST.path;
  if (isExact && service && method) return pathMatch("Exact", `/${service}/${method}`);
  if (isExact && service) return pathMatch("PathPrefix", `/${service}`);
  if (isExact && method) return pathMatch("GrpcMethod", method);
  const pattern = (part: string | null | undefined): string => (part ? `(${part})` : "[^/]+");
  return pathMatch("RegularExpression", `/${pattern(service)}/${pattern(method)}`);
}

const pathMatch = (type: HttpPathMatch["type"], value: string): HttpPathMatch => ({ type, value });
