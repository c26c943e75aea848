/** As much of HPACK (RFC 7541) as a request by hand and the status of its answer take. */

/** `[name, value]`, each one character a byte. */
export type Field = readonly [string, string];

/** Status codes of the static table, by index. */
const STATIC_STATUS: Readonly<Record<number, number>> = {
  8: 200,
  9: 204,
  10: 206,
  11: 304,
  12: 400,
  13: 404,
  14: 500,
};

/** Every field as a literal that is not remembered (section 6.2.2). */
export function encodeFields(fields: readonly Field[]): Buffer {
  return Buffer.concat(
    fields.flatMap(([name, value]) => [Buffer.from([0]), literal(name), literal(value)]),
  );
}

function literal(text: string): Buffer {
  const bytes = Buffer.from(text, "latin1");
  return Buffer.concat([lengthOf(bytes.byteLength), bytes]);
}

/** A length with a prefix of seven bits, whose first bit says that no Huffman code is used (section 5.1). */
function lengthOf(bytes: number): Buffer {
  if (bytes < 127) return Buffer.from([bytes]);
  const parts = [127];
  let rest = bytes - 127;
  for (; rest >= 128; rest = Math.floor(rest / 128)) parts.push((rest % 128) + 128);
  return Buffer.from([...parts, rest]);
}

/** Of an answer's first block of fields. Size updates of the table may stand before the status. */
export function decodeStatus(block: Buffer): number {
  let at = 0;
  while (((block[at] ?? 0) & 0xe0) === 0x20) at += (block[at] ?? 0) === 0x3f ? 3 : 1;
  const first = block[at] ?? 0;
  if (first >= 0x80) return STATIC_STATUS[first & 0x7f] ?? 0;
  const length = block[at + 1] ?? 0;
  const value = block.subarray(at + 2, at + 2 + (length & 0x7f));
  return Number(length >= 0x80 ? decodeDigits(value) : value.toString("latin1"));
}

/** Three digits in the Huffman code (appendix B): five bits for 0 to 2, six for the others. */
function decodeDigits(bytes: Buffer): string {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, "0")).join("");
  let digits = "";
  for (let at = 0; digits.length < 3;) {
    const short = Number.parseInt(bits.slice(at, at + 5), 2);
    const isShort = short <= 2;
    digits += isShort ? short : Number.parseInt(bits.slice(at, at + 6), 2) - 0b011001 + 3;
    at += isShort ? 5 : 6;
  }
  return digits;
}
