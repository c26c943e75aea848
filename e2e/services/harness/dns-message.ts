/** What a DNS server answered, as far as these tests look. */
export interface DnsAnswer {
  readonly id: number;
  readonly isTruncated: boolean;
  /** 0: no error. */
  readonly code: number;
  readonly answers: number;
  readonly bytes: number;
}

const QTYPES = { A: 1, TXT: 16 } as const;
const HEADER_BYTES = 12;

/** A query for one name. @param udpBytes what EDNS says may come back in one datagram; without it 512. */
export function encodeQuery(
  id: number,
  name: string,
  type: keyof typeof QTYPES,
  udpBytes?: number,
): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt16BE(id, 0);
  header.writeUInt16BE(0x0100, 2); // Recursion desired.
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(udpBytes === undefined ? 0 : 1, 10);
  const labels = name
    .split(".")
    .map((label) => Buffer.concat([Buffer.of(label.length), Buffer.from(label)]));
  const question = Buffer.from([0, 0, QTYPES[type], 0, 1]);
  const edns =
    udpBytes === undefined
      ? Buffer.alloc(0)
      : Buffer.from([0, 0, 41, udpBytes >> 8, udpBytes & 0xff, 0, 0, 0, 0, 0, 0]);
  return Buffer.concat([header, ...labels, question, edns]);
}

export function decodeAnswer(message: Buffer): DnsAnswer {
  const flags = message.readUInt16BE(2);
  return {
    id: message.readUInt16BE(0),
    isTruncated: (flags & 0x0200) !== 0,
    code: flags & 0x000f,
    answers: message.readUInt16BE(6),
    bytes: message.byteLength,
  };
}
