import type { HttpMatch, HttpPathMatch, HttpValueMatch } from "#protocol/control/http-routing.ts";
import type { RequestFacts } from "./request-facts.ts";
import type { LinearPattern, StepBudget } from "./linear-pattern.ts";
import { coversPath, toBarePrefix } from "./path-prefix.ts";

/** One request while it is matched: what is worked out at most once, and what patterns may still cost. */
export interface Candidate {
  readonly facts: RequestFacts;
  /** First value of each parameter, decoded; null until somebody asks. */
  query: URLSearchParams | null;
  readonly budget: StepBudget;
}

type Condition = (candidate: Candidate) => boolean;

/** How particular a match is: compared field by field, more before less. */
export interface Precedence {
  /** 2 exact, 1 regular expression, 0 prefix or method of gRPC. */
  readonly pathRank: number;
  readonly pathLength: number;
  readonly methodCount: number;
  readonly headerCount: number;
  readonly queryCount: number;
}

export interface CompiledMatch {
  readonly precedence: Precedence;
  readonly conditions: readonly Condition[];
}

/** @returns null for a pattern that cannot be used. */
export type FindPattern = (text: string) => LinearPattern | null;

/** Turns a match into conditions, those that cost least first. */
export function compileMatch(match: HttpMatch, findPattern: FindPattern): CompiledMatch {
  const { path, method } = match;
  // Of several entries with equivalent names only the first counts (HTTPHeaderMatch, HTTPQueryParamMatch).
  const headers = firstOfEach(match.headers, (name) => name.toLowerCase());
  const query = firstOfEach(match.query, (name) => name);
  const bare = toBarePrefix(path.value);
  const cheap: Condition[] = [];
  const costly: Condition[] = [];
  const listFor = (type: string): Condition[] => (type === "RegularExpression" ? costly : cheap);
  if (method !== null) cheap.push(({ facts }) => facts.method === method);
  listFor(path.type).push(pathCondition(match, bare, findPattern));
  for (const [name, condition] of headers) {
    const holds = valueCondition(condition, findPattern);
    listFor(condition.type).push((candidate) => holds(candidate.facts.header(name), candidate));
  }
  for (const [name, condition] of query) {
    const holds = valueCondition(condition, findPattern);
    listFor(condition.type).push((candidate) => {
      candidate.query ??= new URLSearchParams(candidate.facts.query);
      return holds(candidate.query.get(name) ?? undefined, candidate);
    });
  }
  const precedence = {
    pathRank: path.type === "Exact" ? 2 : path.type === "RegularExpression" ? 1 : 0,
    pathLength: pathLength(path, bare),
    methodCount: method === null ? 0 : 1,
    headerCount: headers.size,
    queryCount: query.size,
  };
  return { precedence, conditions: [...cheap, ...costly] };
}

/** A method of any service is more than the prefix `/` and less than the shortest service (GRPCRouteRule.matches). */
function pathLength({ type, value }: HttpPathMatch, bare: string): number {
  if (type === "GrpcMethod") return 1;
  return type === "PathPrefix" ? bare.length : value.length;
}

export function comparePrecedence(a: Precedence, b: Precedence): number {
  return (
    b.pathRank - a.pathRank ||
    b.pathLength - a.pathLength ||
    b.methodCount - a.methodCount ||
    b.headerCount - a.headerCount ||
    b.queryCount - a.queryCount
  );
}

function pathCondition({ path }: HttpMatch, bare: string, findPattern: FindPattern): Condition {
  switch (path.type) {
    case "Exact":
      return ({ facts }) => facts.path === path.value;
    case "PathPrefix":
      return ({ facts }) => coversPath(bare, facts.path);
    case "GrpcMethod":
      return ({ facts }) => grpcMethodOf(facts.path) === path.value;
    case "RegularExpression": {
      const pattern = findPattern(path.value);
      return ({ facts, budget }) => pattern?.covers(facts.path, budget) ?? false;
    }
  }
}

/** `Get` of `/shop.Orders/Get`; null for what cannot be a call. */
function grpcMethodOf(path: string): string | null {
  const at = path.indexOf("/", 1);
  return at > 1 ? path.slice(at + 1) : null;
}

function valueCondition(
  { type, value }: HttpValueMatch,
  findPattern: FindPattern,
): (actual: string | undefined, candidate: Candidate) => boolean {
  if (type === "Exact") return (actual) => actual === value;
  const pattern = findPattern(value);
  return (actual, { budget }) =>
    actual !== undefined && pattern !== null && pattern.covers(actual, budget);
}

function firstOfEach(
  matches: readonly HttpValueMatch[],
  toKey: (name: string) => string,
): ReadonlyMap<string, HttpValueMatch> {
  const first = new Map<string, HttpValueMatch>();
  for (const match of matches) {
    const key = toKey(match.name);
    if (!first.has(key)) first.set(key, match);
  }
  return first;
}
