import { AppError } from "#protocol/errors.ts";

/** A request body of the API, bytes. */
export const BODY_BYTES_MAX = 1024 * 1024;

/**
 * Reads a JSON body, at most {@link BODY_BYTES_MAX}.
 *
 * @throws AppError `payload_too_large`, or `bad_request` when it is not JSON or does not say that it is:
 *   a page of another site can send a form to us, but not `application/json`.
 */
export async function readJsonBody(request: Request): Promise<unknown> {
  const type = request.headers.get("content-type") ?? "";
  if (!/^application\/json\b/i.test(type)) {
    throw new AppError("bad_request", "The body must be application/json");
  }
  const text = await readText(request, BODY_BYTES_MAX);
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new AppError("bad_request", "The body is not valid JSON", { cause });
  }
}

/**
 * Reads a body as text.
 *
 * @throws AppError `payload_too_large` as soon as it is longer than `bytesMax`: the rest is not read.
 */
export async function readText(request: Request, bytesMax: number): Promise<string> {
  if (Number(request.headers.get("content-length") ?? 0) > bytesMax) throw tooLarge(bytesMax);
  if (request.body === null) return "";
  const decoder = new TextDecoder();
  let text = "";
  let byteCount = 0;
  for await (const chunk of request.body as AsyncIterable<Uint8Array>) {
    byteCount += chunk.byteLength;
    if (byteCount > bytesMax) throw tooLarge(bytesMax);
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

function tooLarge(maxBytes: number): AppError {
  return new AppError("payload_too_large", "The body is too large", { details: { maxBytes } });
}
