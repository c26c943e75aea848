export interface RawFrame {
  /** First byte: FIN, reserved bits, opcode. */
  readonly first: number;
  readonly payload: Uint8Array | string;
  /** Four bytes of key, or null for an unmasked frame. */
  readonly key?: number | null;
  /** What the header says when that is not the truth. */
  readonly declaredBytes?: number;
}

/** Builds any frame, legal or not, without the code under test. */
export function rawFrame(frame: RawFrame): Buffer {
  const payload = Buffer.from(frame.payload);
  const declared = frame.declaredBytes ?? payload.length;
  const key = frame.key ?? null;
  const maskBit = key === null ? 0 : 0x80;
  const header = Buffer.alloc(10);
  header[0] = frame.first;
  let headerBytes = 2;
  if (declared < 126) header[1] = maskBit | declared;
  else if (declared < 65_536) {
    header[1] = maskBit | 126;
    header.writeUInt16BE(declared, 2);
    headerBytes = 4;
  } else {
    header[1] = maskBit | 127;
    header.writeBigUInt64BE(BigInt(declared), 2);
    headerBytes = 10;
  }
  if (key === null) return Buffer.concat([header.subarray(0, headerBytes), payload]);
  const keyBytes = Buffer.alloc(4);
  keyBytes.writeUInt32BE(key);
  const masked = payload.map((byte, index) => byte ^ (keyBytes[index % 4] ?? 0));
  return Buffer.concat([header.subarray(0, headerBytes), keyBytes, masked]);
}

/** A close frame's payload. */
export function closePayload(code: number, reason: Uint8Array | string = ""): Buffer {
  const head = Buffer.alloc(2);
  head.writeUInt16BE(code);
  return Buffer.concat([head, Buffer.from(reason)]);
}
