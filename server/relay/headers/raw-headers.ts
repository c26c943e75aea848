/** Node's flat list of names and values, as in `rawHeaders`. */
export type RawHeaders = readonly string[];

/** Meant for one hop only (RFC 9110 section 7.6.1), or left over from older proxies that said so. */
export const HOP_BY_HOP: ReadonlySet<string> = new Set([
  "connection",
  "http2-settings",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/** Whom the message is for and where it ends, which neither `Connection` nor a filter may change. */
export const FRAMING: ReadonlySet<string> = new Set(["content-length", "host"]);

/** Names and values in turn, order and spelling kept. */
export function* pairs(raw: RawHeaders): Generator<[string, string]> {
  for (let i = 0; i + 1 < raw.length; i += 2) yield [raw[i] ?? "", raw[i + 1] ?? ""];
}

/**
 * What is passed on of a message's headers: everything but what was meant for this hop alone, `Connection` and the
 * names it lists among it.
 *
 * @param isDropped tells of what else is left out, by lower-case name.
 */
export function withoutHopByHop(
  raw: RawHeaders,
  isDropped: (lowerName: string) => boolean,
): string[] {
  const named = namedByConnection(raw);
  const kept: string[] = [];
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = raw[i] ?? "";
    const lower = name.toLowerCase();
    if (HOP_BY_HOP.has(lower) || named.has(lower) || isDropped(lower)) continue;
    kept.push(name, raw[i + 1] ?? "");
  }
  return kept;
}

const NONE: ReadonlySet<string> = new Set();
/** By far the most frequent values, and no names of fields that could stand beside them. */
const USUAL = new Set(["keep-alive", "close", "upgrade"]);

function namedByConnection(raw: RawHeaders): ReadonlySet<string> {
  const values = valuesOf(raw, "connection");
  if (values.every((value) => USUAL.has(value.toLowerCase()))) return NONE;
  const named = new Set(tokensOf(raw, "connection"));
  for (const name of FRAMING) named.delete(name);
  return named;
}

/** What the fields of one name list, in lower case. @param lowerName of fields that are comma-separated lists. */
export function tokensOf(raw: RawHeaders, lowerName: string): string[] {
  return valuesOf(raw, lowerName).flatMap((value) =>
    value.split(",").map((token) => token.trim().toLowerCase()),
  );
}

/** The values of the fields of one name, in their order. */
export function valuesOf(raw: RawHeaders, lowerName: string): string[] {
  const values: string[] = [];
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = raw[i] ?? "";
    // Its length tells most names apart without a copy in lower case.
    if (name.length !== lowerName.length || name.toLowerCase() !== lowerName) continue;
    values.push(raw[i + 1] ?? "");
  }
  return values;
}
