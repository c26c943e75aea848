import type { HeaderChange } from "#protocol/control/http-routing.ts";
import { FRAMING, HOP_BY_HOP, pairs, type RawHeaders } from "../../headers/raw-headers.ts";

/** What a field may hold, so that no value from a route begins a field of its own (RFC 9110 section 5.5). */
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

type Pair = readonly [name: string, value: string];

interface Prepared {
  /** By lower-case name. */
  readonly set: ReadonlyMap<string, Pair>;
  readonly add: readonly Pair[];
  readonly remove: ReadonlySet<string>;
}

/** Changes come from the desired state and stay the same objects, request after request. */
const prepared = new WeakMap<HeaderChange, Prepared>();

/**
 * Applies filters to a flat list of headers, one after another. Names compare without case; of several entries for one
 * name the first counts; `add` appends a field of its own. Fields that belong to one hop or frame the message, which
 * could smuggle requests, and values that are none are left as they are.
 *
 * Source: Gateway API 1.6, HTTPHeaderFilter.
 */
export function changeHeaders(raw: RawHeaders, changes: readonly HeaderChange[]): string[] {
  let list: string[] = [...raw];
  for (const change of changes) list = applyChange(list, prepare(change));
  return list;
}

function applyChange(raw: RawHeaders, { set, add, remove }: Prepared): string[] {
  const result: string[] = [];
  const placed = new Set<string>();
  for (const [name, value] of pairs(raw)) {
    const lower = name.toLowerCase();
    if (remove.has(lower)) continue;
    const replacement = set.get(lower);
    if (replacement === undefined) result.push(name, value);
    else if (!placed.has(lower)) result.push(...replacement);
    if (replacement !== undefined) placed.add(lower);
  }
  for (const [lower, replacement] of set) if (!placed.has(lower)) result.push(...replacement);
  for (const addition of add) result.push(...addition);
  return result;
}

function prepare(change: HeaderChange): Prepared {
  let found = prepared.get(change);
  if (found === undefined) {
    found = {
      set: firstOfEach(change.set),
      add: [...firstOfEach(change.add).values()],
      remove: new Set(change.remove.map((name) => name.toLowerCase()).filter(isFree)),
    };
    prepared.set(change, found);
  }
  return found;
}

function firstOfEach(entries: HeaderChange["set"]): ReadonlyMap<string, Pair> {
  const first = new Map<string, Pair>();
  for (const { name, value } of entries) {
    const lower = name.toLowerCase();
    if (isFree(lower) && VALUE.test(value) && !first.has(lower)) first.set(lower, [name, value]);
  }
  return first;
}

function isFree(lower: string): boolean {
  return !HOP_BY_HOP.has(lower) && !FRAMING.has(lower);
}
