import { createHash } from "node:crypto";
import { createServer, connect, type AddressInfo, type Server } from "node:net";

const BLOCK_BYTES = 1024 * 1024;
/** One block of bytes that are no pattern of a power of two, so that lost or repeated pieces show. */
const BLOCK = Buffer.alloc(BLOCK_BYTES);
for (let at = 0; at < BLOCK_BYTES; at += 1) BLOCK[at] = (at * 31 + (at >> 8) * 7 + 13) & 0xff;

/** SHA-256 of what a byte source sends for `megabytes`. */
export function expectedHash(megabytes: number): string {
  const hash = createHash("sha256");
  for (let n = 0; n < megabytes; n += 1) hash.update(BLOCK);
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
