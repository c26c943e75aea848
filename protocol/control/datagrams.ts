/** What `u16 length` can say; IP itself ends at 65,507 bytes of payload. */
export const DATAGRAM_MAX_BYTES = 65_535;

const PREFIX_BYTES = 2;

/** One datagram as it travels in a stream: `u16 length | bytes`. Boundaries are kept, empty ones too. */
export function frameDatagram(datagram: Uint8Array): Uint8Array {
  const framed = new Uint8Array(PREFIX_BYTES + datagram.byteLength);
  framed[0] = datagram.byteLength >>> 8;
  framed[1] = datagram.byteLength & 0xff;
  framed.set(datagram, PREFIX_BYTES);
  return framed;
}

/** Cuts a stream into the datagrams it carries, however it was chunked. Holds one unfinished datagram at most. */
export class DatagramReader {
  readonly #onDatagram: (datagram: Uint8Array) => void;
  #held = new Uint8Array(0);

  /** @param onDatagram gets a view that is lent to it for the length of the call. */
  constructor(onDatagram: (datagram: Uint8Array) => void) {
    this.#onDatagram = onDatagram;
  }

  push(chunk: Uint8Array): void {
    const bytes = this.#held.byteLength === 0 ? chunk : join(this.#held, chunk);
    let at = 0;
    while (bytes.byteLength - at >= PREFIX_BYTES) {
      const length = ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
      const end = at + PREFIX_BYTES + length;
      if (end > bytes.byteLength) break;
      this.#onDatagram(bytes.subarray(at + PREFIX_BYTES, end));
      at = end;
    }
    // A copy, since the chunk may only be lent. `slice` would be none: of a Buffer it is a view.
    this.#held = at === bytes.byteLength ? EMPTY : new Uint8Array(bytes.subarray(at));
  }
}

const EMPTY = new Uint8Array(0);

function join(a: Uint8Array, b: Uint8Array): Uint8Array {
  const joined = new Uint8Array(a.byteLength + b.byteLength);
  joined.set(a);
  joined.set(b, a.byteLength);
  return joined;
}
