import { createHash } from "node:crypto";
import { createServer, connect, type AddressInfo, type Server } from "node:net";

const BLOCK_BYTES = 1024 * 1024;
/** One block of bytes that are no pattern of a power of two, so that lost or repeated pieces show. */
const BLOCK = Buffer.alloc(BLOCK_BYTES);
for (let at = 0; at < BLOCK_BYTES; at += 1) BLOCK[at] = (at * 31 + (at >> 8) * 7 + 13) & 0xff;

/** The same bytes a block at a time, for what is too much to hold. */
export function* blocksOf(bytes: number): Generator<Buffer> {
  for (let left = bytes; left > 0; left -= BLOCK_BYTES) yield BLOCK.subarray(0, left);
}

/** SHA-256 of what a byte source sends for `megabytes`. */
export function expectedHash(megabytes: number): string {
  const hash = createHash("sha256");
  for (const block of blocksOf(megabytes * BLOCK_BYTES)) hash.update(block);
  return hash.digest("hex");
}

/** A real TCP service that sends `megabytes` to whoever connects, then ends. */
export async function startByteSource(
  megabytes: number,
): Promise<{ port: number; server: Server }> {
  const server = createServer((socket) => {
    let sent = 0;
    const fill = () => {
      while (sent < megabytes) {
        sent += 1;
        if (!socket.write(BLOCK)) return;
      }
      socket.end();
    };
    socket.on("drain", fill);
    socket.on("error", () => socket.destroy());
    fill();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { port: (server.address() as AddressInfo).port, server };
}

/** Reads everything from `port`; `onProgress` hears the bytes so far. Fails when the connection is cut. */
export function download(
  port: number,
  onProgress: (bytes: number) => void,
): Promise<{ bytes: number; hash: string }> {
  return new Promise((resolve, reject) => {
    const hash = createHash("sha256");
    let bytes = 0;
    const socket = connect(port, "127.0.0.1");
    socket.on("data", (chunk) => {
      hash.update(chunk);
      bytes += chunk.byteLength;
      onProgress(bytes);
    });
    socket.on("error", reject);
    socket.on("end", () => resolve({ bytes, hash: hash.digest("hex") }));
  });
}
