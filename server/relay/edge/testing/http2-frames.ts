/** What a client of HTTP/2 says first. */
export const PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/** A frame of HTTP/2 by hand: Node's own client ends a body in order before it breaks it off. */
export function frame(type: number, flags: number, streamId: number, payload: Buffer): Buffer {
  const header = Buffer.from([0, 0, payload.byteLength, type, flags, 0, 0, 0, streamId]);
  return Buffer.concat([header, payload]);
}

/** Short fields in clear (RFC 7541 section 6.2.2). */
export function fieldsOf(fields: Readonly<Record<string, string>>): Buffer {
  const literal = (text: string): Buffer =>
    Buffer.concat([Buffer.from([text.length]), Buffer.from(text)]);
  const all = Object.entries(fields).flatMap(([name, value]) => [
    Buffer.from([0]),
    literal(name),
    literal(value),
  ]);
  return Buffer.concat(all);
}
