import type { HeaderChange, HttpBackend, HttpFilter } from "#protocol/control/http-routing.ts";
import type { Matched } from "../routing/compile-routing.ts";
import { parseHost } from "../routing/parse-host.ts";
import { changePath } from "./change-path.ts";

export interface RequestTarget {
  readonly scheme: "http" | "https";
  /** As it was sent, with the port. */
  readonly authority: string;
  readonly path: string;
  /** After `?`; empty when there is none. */
  readonly query: string;
}

type Filter<T extends HttpFilter["type"]> = Extract<HttpFilter, { readonly type: T }>;

export interface Mirror {
  readonly backend: Filter<"mirror">["backend"];
  /** Of all requests, from 0 to 1. */
  readonly share: number;
}

export interface RedirectPlan {
  readonly kind: "redirect";
  readonly status: number;
  /** Absolute. */
  readonly location: string;
  readonly responseChanges: readonly HeaderChange[];
}

export interface ForwardPlan {
  readonly kind: "forward";
  /** Path with query. */
  readonly target: string;
  /** `Host` for the backend; null leaves the client's. */
  readonly authority: string | null;
  readonly requestChanges: readonly HeaderChange[];
  readonly responseChanges: readonly HeaderChange[];
  readonly mirrors: readonly Mirror[];
}

export type RequestPlan =
  | RedirectPlan
  | ForwardPlan
  /** The filters cannot be carried out, and the Gateway API forbids to skip one: 500. */
  | { readonly kind: "invalid"; readonly reason: string };

/** Ports that go without saying. */
const WELL_KNOWN_PORT = { http: 80, https: 443 } as const;

/**
 * Carries out a rule's filters, and then the backend's, on paper.
 *
 * Every path or host is worked out from what the client sent; of several rewrites the last counts, so a backend's takes
 * the place of its rule's. A redirect ends the matter, wherever it stands. Of the rules of a Gateway that is dialled
 * itself nothing is left to do here: their filters are empty.
 *
 * @param backend null while none is chosen, for rules that redirect.
 */
export function planRequest(
  matched: Matched,
  backend: HttpBackend | null,
  target: RequestTarget,
): RequestPlan {
  const filters = filtersOf(matched, backend);
  if (filters.length === 0) return { ...UNCHANGED, target: withQuery(target.path, target.query) };
  const [unsupported] = ofType(filters, "unsupported");
  if (unsupported !== undefined) {
    return { kind: "invalid", reason: `filter ${unsupported.name} is not carried out here` };
  }
  const responseChanges = ofType(filters, "response_headers").map(({ change }) => change);
  const [redirect] = ofType(filters, "redirect");
  if (redirect !== undefined) return planRedirect({ redirect, matched, target, responseChanges });
  const rewrites = ofType(filters, "rewrite");
  const pathChange = rewrites.findLast((rewrite) => rewrite.path !== null)?.path ?? null;
  const path =
    pathChange === null ? target.path : changePath(pathChange, matched.match, target.path);
  if (path === null) return NO_PREFIX;
  const authority = rewrites.findLast((rewrite) => rewrite.hostname !== null)?.hostname ?? null;
  if (authority !== null && UNSENDABLE.test(authority)) return UNSENDABLE_HOST;
  return {
    kind: "forward",
    target: withQuery(path, target.query),
    authority,
    requestChanges: ofType(filters, "request_headers").map(({ change }) => change),
    responseChanges,
    mirrors: ofType(filters, "mirror").map(toMirror),
  };
}

function filtersOf({ rule }: Matched, backend: HttpBackend | null): readonly HttpFilter[] {
  const own = backend?.filters ?? [];
  return own.length === 0 ? rule.filters : [...rule.filters, ...own];
}

function ofType<T extends HttpFilter["type"]>(
  filters: readonly HttpFilter[],
  type: T,
): readonly Filter<T>[] {
  return filters.filter((filter): filter is Filter<T> => filter.type === type);
}

const UNCHANGED: Omit<ForwardPlan, "target"> = {
  kind: "forward",
  authority: null,
  requestChanges: [],
  responseChanges: [],
  mirrors: [],
};

/** Node throws at a head with such a character, and what throws at the wrong moment ends the relay. */
const UNSENDABLE = /[^\x21-\x7e\x80-\xff]/;

const UNSENDABLE_HOST: RequestPlan = {
  kind: "invalid",
  reason: "a host name of a filter holds characters that none may hold",
};

const NO_PREFIX: RequestPlan = {
  kind: "invalid",
  reason: "a prefix is to be replaced, but the match names no path prefix",
};

interface RedirectParts {
  readonly redirect: Filter<"redirect">;
  readonly matched: Matched;
  readonly target: RequestTarget;
  readonly responseChanges: readonly HeaderChange[];
}

function planRedirect({ redirect, matched, target, responseChanges }: RedirectParts): RequestPlan {
  const asked = parseHost(target.authority);
  if (asked === null) return { kind: "invalid", reason: "the host asked for is malformed" };
  const path =
    redirect.path === null ? target.path : changePath(redirect.path, matched.match, target.path);
  if (path === null) return NO_PREFIX;
  const scheme = redirect.scheme ?? target.scheme;
  const port = redirect.port ?? (redirect.scheme === null ? asked.port : null);
  const host = redirect.hostname ?? asked.host;
  const authority = port === null || port === WELL_KNOWN_PORT[scheme] ? host : `${host}:${port}`;
  const location = `${scheme}://${authority}${withQuery(path, target.query)}`;
  if (UNSENDABLE.test(location)) return UNSENDABLE_HOST;
  return { kind: "redirect", status: redirect.statusCode, location, responseChanges };
}

function withQuery(path: string, query: string): string {
  return query === "" ? path : `${path}?${query}`;
}

function toMirror({ backend, numerator, denominator }: Filter<"mirror">): Mirror {
  return { backend, share: Math.min(1, numerator / denominator) };
}
