import { createHash } from "node:crypto";

/** Prime, so that a piece that lands elsewhere is seen. */
const BLOCK_BYTES = 65_537;
const PIECE_BYTES = 48 * 1024;

function createBlock(seed: number, bytes: number): Uint8Array {
  const block = Buffer.alloc(bytes);
  let state = seed >>> 0;
  for (let index = 0; index < bytes; index += 1) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    block[index] = state >>> 24;
  }
  return block;
}

/** The bytes that both ends of a conformance test send, piece by piece; `hashicorp/service.go` makes the same. */
export class PatternSource {
  readonly #block: Uint8Array;
  #left: number;
  #at = 0;

  constructor(bytes: number, seed: number) {
    this.#block = createBlock(seed, Math.min(bytes, BLOCK_BYTES));
    this.#left = bytes;
  }

  /** The next piece, a view; undefined after the last. */
  next(): Uint8Array | undefined {
    if (this.#left === 0) return undefined;
    const bytes = Math.min(PIECE_BYTES, this.#left, BLOCK_BYTES - this.#at);
    const piece = this.#block.subarray(this.#at, this.#at + bytes);
    this.#left -= bytes;
    this.#at = (this.#at + bytes) % BLOCK_BYTES;
    return piece;
  }
}

/** SHA-256 of a whole pattern, hexadecimal. */
export function hashOfPattern(bytes: number, seed: number): string {
  const source = new PatternSource(bytes, seed);
  const hash = createHash("sha256");
  for (let piece = source.next(); piece !== undefined; piece = source.next()) hash.update(piece);
  return hash.digest("hex");
}
