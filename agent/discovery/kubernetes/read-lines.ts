import { KubernetesApiError } from "./api-error.ts";

const NEWLINE = 0x0a;

/**
 * Splits a stream of bytes into lines. What follows the last line break is half a line and is never given out.
 *
 * @throws KubernetesApiError `too_large`: before a line grows past `maxBytes`.
 */
export async function* readLines(
  chunks: AsyncIterable<Buffer>,
  maxBytes: number,
): AsyncGenerator<string, void> {
  let parts: Buffer[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    let from = 0;
    for (;;) {
      const at = chunk.indexOf(NEWLINE, from);
      const piece = chunk.subarray(from, at === -1 ? undefined : at);
      length += piece.length;
      if (length > maxBytes) {
        const message = `The API server sent a line of more than ${maxBytes} bytes.`;
        throw new KubernetesApiError({ status: 0, code: "too_large", message });
      }
      parts.push(piece);
      if (at === -1) break;
      if (length > 0) yield Buffer.concat(parts, length).toString("utf8");
      parts = [];
      length = 0;
      from = at + 1;
    }
  }
}
