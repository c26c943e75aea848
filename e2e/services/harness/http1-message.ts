/** The narrowest HTTP/1.1 there is, one character a byte: what it knows can be read in one way only. */

const END_OF_HEAD = "\r\n\r\n";
const FIELD = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+): ([\t\x20-\x7e\x80-\xff]*)$/;

interface Head {
  /** Of a request or a status. */
  readonly startLine: string;
  /** `name: value`, names in lower case. */
  readonly fields: readonly string[];
  readonly byteCount: number;
}

interface Body {
  readonly body: string;
  /** What followed the chunks, as `fields`. */
  readonly trailers: readonly string[];
  readonly byteCount: number;
}

/** @returns null while it is not whole. */
export function takeHead(text: string): Head | "garbage" | null {
  const end = text.indexOf(END_OF_HEAD);
  if (end < 0) return null;
  const [startLine = "", ...lines] = text.slice(0, end).split("\r\n");
  const fields = toFields(lines);
  return fields === null ? "garbage" : { startLine, fields, byteCount: end + END_OF_HEAD.length };
}

/** @returns null where one of them is none. */
function toFields(lines: readonly string[]): string[] | null {
  if (!lines.every((line) => FIELD.test(line))) return null;
  return lines.map((line) => line.replace(/^[^:]+/, (name) => name.toLowerCase()));
}

/** The values of the fields of one name. @param name lower case */
export function valuesOf(fields: readonly string[], name: string): string[] {
  const start = `${name}: `;
  return fields
    .filter((field) => field.startsWith(start))
    .map((field) => field.slice(start.length));
}

/** What the head says of a body; without a word of it there is none. @returns null while it is not whole. */
export function takeBody(text: string, fields: readonly string[]): Body | "garbage" | null {
  const lengths = valuesOf(fields, "content-length");
  const codings = valuesOf(fields, "transfer-encoding");
  if (lengths.length + codings.length > 1) return "garbage";
  const [coding] = codings;
  if (coding !== undefined) return coding === "chunked" ? takeChunks(text) : "garbage";
  const [length = "0"] = lengths;
  if (!/^\d+$/.test(length)) return "garbage";
  const byteCount = Number(length);
  if (text.length < byteCount) return null;
  return { body: text.slice(0, byteCount), trailers: [], byteCount };
}

function takeChunks(text: string): Body | "garbage" | null {
  let body = "";
  let at = 0;
  for (;;) {
    const lineEnd = text.indexOf("\r\n", at);
    if (lineEnd < 0) return null;
    const size = text.slice(at, lineEnd);
    if (!/^[0-9a-fA-F]+$/.test(size)) return "garbage";
    const byteCount = Number.parseInt(size, 16);
    if (byteCount === 0) return takeTrailers(text, lineEnd, body);
    at = lineEnd + 2;
    if (text.length < at + byteCount + 2) return null;
    body += text.slice(at, at + byteCount);
    at += byteCount;
    if (text.slice(at, at + 2) !== "\r\n") return "garbage";
    at += 2;
  }
}

/** @param at the end of the line that ends the chunks. */
function takeTrailers(text: string, at: number, body: string): Body | "garbage" | null {
  const end = text.indexOf(END_OF_HEAD, at);
  if (end < 0) return null;
  const trailers = end === at ? [] : toFields(text.slice(at + 2, end).split("\r\n"));
  if (trailers === null) return "garbage";
  return { body, trailers, byteCount: end + END_OF_HEAD.length };
}
