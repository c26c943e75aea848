import type { HttpMatch, HttpRouting, HttpRule } from "#protocol/control/http-routing.ts";
import { patternsCovering } from "#server/lib/host-patterns.ts";
import {
  comparePrecedence,
  compileMatch,
  type Candidate,
  type CompiledMatch,
  type FindPattern,
} from "./compile-match.ts";
import { LinearPattern, StepBudget } from "./linear-pattern.ts";
import type { RequestFacts } from "./request-facts.ts";

export interface Matched {
  readonly rule: HttpRule;
  readonly match: HttpMatch;
}

export interface CompiledRouting {
  /** @returns null when no rule leads anywhere, or the request is too costly to match. */
  find(facts: RequestFacts): Matched | null;
  /** Patterns that never match and why, one plain sentence each. */
  readonly problems: readonly string[];
}

/** Instructions of all patterns of one routing together. */
const PATTERNS_SIZE_MAX = 20_000;
/** Steps of all patterns on one request; the worst pattern takes about a tenth of a second for them. */
const STEPS_PER_REQUEST = 2_000_000;
/** Problems that are told; who has so many knows. */
const PROBLEMS_MAX = 100;
/** Rank of a rule whose host name is the request's, letter by letter; of wildcards the longest is next. */
const EXACT_RANK = 255;
/** A name of 253 characters has fewer labels than there are ranks between the two. */
const ANY_HOST_RANK = 1;

interface Entry extends CompiledMatch {
  readonly matched: Matched;
  readonly ruleIndex: number;
}

/**
 * Prepares a listener's rules so that a request costs one pass over them.
 *
 * Precedence is the Gateway API's, across all rules: the host name that fits best, path (exact, then regular
 * expression, then the longest prefix), a method, more headers, more query parameters, the order of the rules. Where
 * the API leaves regular expressions to us: RE2 syntax; they must cover the whole path or value; among them longer ones
 * come first, and all come before prefixes, because a route's usual `/` beside them would leave them without effect.
 *
 * Source: Gateway API 1.6, HTTPRouteRule.matches and HTTPRouteSpec.hostnames.
 */
export function compileRouting(routing: HttpRouting): CompiledRouting {
  const problems: string[] = [];
  const findPattern = patternFinder(problems);
  const rules = routing.isThroughGateway ? routing.rules.map(toHostRule) : routing.rules;
  const entries = rules.flatMap((rule, ruleIndex) =>
    rule.matches.map((match): Entry => {
      const compiled = compileMatch(match, findPattern);
      // The Gateway may serve `OPTIONS *` and the like, so not even the path is looked at here.
      const conditions = routing.isThroughGateway ? [] : compiled.conditions;
      return { matched: { rule, match }, ruleIndex, precedence: compiled.precedence, conditions };
    }),
  );
  // Stable: equals stay in the order of the rules and of their matches.
  entries.sort((a, b) => comparePrecedence(a.precedence, b.precedence));
  return new SortedRouting(rules, entries, problems);
}

class SortedRouting implements CompiledRouting {
  readonly problems: readonly string[];
  readonly #entries: readonly Entry[];
  /** Indexes of the rules that name a host name, by pattern. */
  readonly #byHostname = new Map<string, number[]>();
  readonly #ofAnyHost: readonly number[];
  /** How well each rule's host names fit the request at hand; 0 = not at all. Reused, as `find` never waits. */
  readonly #ranks: Uint8Array;
  readonly #budget = new StepBudget();

  constructor(rules: readonly HttpRule[], entries: readonly Entry[], problems: readonly string[]) {
    this.#entries = entries;
    this.problems = problems;
    this.#ranks = new Uint8Array(rules.length);
    this.#ofAnyHost = rules.flatMap(({ hostnames }, i) => (hostnames.length === 0 ? [i] : []));
    rules.forEach(({ hostnames }, ruleIndex) => {
      for (const hostname of new Set(hostnames)) {
        const indexes = this.#byHostname.get(hostname);
        if (indexes === undefined) this.#byHostname.set(hostname, [ruleIndex]);
        else indexes.push(ruleIndex);
      }
    });
  }

  find(facts: RequestFacts): Matched | null {
    const topRank = this.#rankRules(facts.host);
    if (topRank === 0) return null;
    this.#budget.refill(STEPS_PER_REQUEST);
    const candidate: Candidate = { facts, query: null, budget: this.#budget };
    let best: Matched | null = null;
    let bestRank = 0;
    for (const entry of this.#entries) {
      const rank = this.#ranks[entry.ruleIndex] ?? 0;
      if (rank <= bestRank || !holds(entry, candidate)) continue;
      best = entry.matched;
      bestRank = rank;
      if (rank === topRank) break;
    }
    // What was left out might have come first: no answer is better than the wrong one.
    return this.#budget.isExceeded ? null : best;
  }

  /** @returns the highest rank that was given. */
  #rankRules(host: string | null): number {
    const ranks = this.#ranks;
    if (host === null) {
      ranks.fill(ANY_HOST_RANK);
      return ANY_HOST_RANK;
    }
    ranks.fill(0);
    let topRank = 0;
    let rank = EXACT_RANK;
    for (const pattern of patternsCovering(host)) {
      for (const index of this.#byHostname.get(pattern) ?? []) {
        topRank ||= rank;
        ranks[index] ||= rank;
      }
      rank -= 1;
    }
    for (const index of this.#ofAnyHost) ranks[index] = ANY_HOST_RANK;
    return topRank || (this.#ofAnyHost.length > 0 ? ANY_HOST_RANK : 0);
  }
}

function holds(entry: Entry, candidate: Candidate): boolean {
  for (const condition of entry.conditions) if (!condition(candidate)) return false;
  return true;
}

/** Compiles each pattern once, and says once what is wrong with it. */
function patternFinder(problems: string[]): FindPattern {
  const known = new Map<string, LinearPattern | null>();
  const budget = new StepBudget();
  budget.refill(PATTERNS_SIZE_MAX);
  return (text) => {
    const before = known.get(text);
    if (before !== undefined) return before;
    // Said once, with the pattern that was one too many; there may be half a million more.
    if (budget.isExceeded) return null;
    const compiled = LinearPattern.compile(text, budget);
    const pattern = typeof compiled === "string" ? null : compiled;
    known.set(text, pattern);
    if (typeof compiled === "string" && problems.length < PROBLEMS_MAX) {
      const quoted = JSON.stringify(text.slice(0, 100));
      problems.push(`the regular expression ${quoted} never matches: ${compiled}`);
    }
    return pattern;
  };
}

/** What is left of a rule that the Gateway's own data plane carries out: which hosts it is for. */
function toHostRule(rule: HttpRule): HttpRule {
  return {
    ...rule,
    matches: [{ path: { type: "PathPrefix", value: "/" }, method: null, headers: [], query: [] }],
    filters: [],
    backends: [],
    requestTimeoutMs: null,
    backendTimeoutMs: null,
  };
}
