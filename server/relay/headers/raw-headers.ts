/** Node's flat list of names and values, as in `rawHeaders`. */
export type RawHeaders = readonly string[];

/** Meant for one hop only (RFC 9110 section 7.6.1), or left over from older proxies that said so. */
export const HOP_BY_HOP: ReadonlySet<string> = new Set([
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/** Names and values in turn, order and spelling kept. */
export function* pairs(raw: RawHeaders): Generator<[string, string]> {
  for (let i = 0; i + 1 < raw.length; i += 2) yield [raw[i] ?? "", raw[i + 1] ?? ""];
}

/**
 * What is passed on of a message's headers: everything but what was meant for this hop alone, `Connection` and the
 * names it lists among it.
 *
 * @param alsoDropped lower case.
 */
export function withoutHopByHop(raw: RawHeaders, alsoDropped: ReadonlySet<string>): string[] {
  const named = namedByConnection(raw);
  const kept: string[] = [];
  for (const [name, value] of pairs(raw)) {
    const lower = name.toLowerCase();
    if (HOP_BY_HOP.has(lower) || named.has(lower) || alsoDropped.has(lower)) continue;
    kept.push(name, value);
  }
  return kept;
}

function namedByConnection(raw: RawHeaders): ReadonlySet<string> {
  const named = new Set<string>();
  for (const [name, value] of pairs(raw)) {
    if (name.toLowerCase() !== "connection") continue;
    for (const token of value.split(",")) named.add(token.trim().toLowerCase());
  }
  return named;
}
