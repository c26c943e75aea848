const BLOCK_BYTES = 512;
const MODE = 0o644;
/** The format's own bound on a name without its prefix field. */
const NAME_MAX_BYTES = 100;

export interface TarEntry {
  /** With forward slashes, relative. */
  readonly path: string;
  readonly content: Uint8Array;
}

/**
 * A tar archive (ustar) of plain files. The same files give the same bytes: no times, no owners.
 *
 * @throws RangeError when a path is too long for the format.
 */
export function toTar(entries: readonly TarEntry[]): Buffer {
  const parts: Buffer[] = [];
  for (const { path, content } of entries) {
    parts.push(toHeader(path, content.length), Buffer.from(content));
    parts.push(Buffer.alloc((BLOCK_BYTES - (content.length % BLOCK_BYTES)) % BLOCK_BYTES));
  }
  // Two empty blocks end an archive.
  parts.push(Buffer.alloc(2 * BLOCK_BYTES));
  return Buffer.concat(parts);
}

/*
 *   0 name | 100 mode | 108 uid | 116 gid | 124 size | 136 mtime | 148 checksum | 156 type | 257 "ustar\0" "00"
 */
function toHeader(path: string, size: number): Buffer {
  if (Buffer.byteLength(path) > NAME_MAX_BYTES) throw new RangeError(`${path} is too long a path.`);
  const header = Buffer.alloc(BLOCK_BYTES);
  header.write(path, 0);
  header.write(octal(MODE, 8), 100);
  header.write(octal(0, 8), 108);
  header.write(octal(0, 8), 116);
  header.write(octal(size, 12), 124);
  header.write(octal(0, 12), 136);
  header.write("        ", 148);
  header.write("0", 156);
  header.write("ustar\x0000", 257, "latin1");
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return header;
}

/** Digits that fill a field up to its ending zero byte. */
function octal(value: number, fieldBytes: number): string {
  return `${value.toString(8).padStart(fieldBytes - 1, "0")}\0`;
}
