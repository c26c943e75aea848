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
  const text = await readText(request);
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new AppError("bad_request", "The body is not valid JSON", { cause });
  }
}

async function readText(request: Request): Promise<string> {
  if (Number(request.headers.get("content-length") ?? 0) > BODY_BYTES_MAX) throw tooLarge();
  if (request.body === null) return "";
  const decoder = new TextDecoder();
  let text = "";
  let byteCount = 0;
  for await (const chunk of request.body as AsyncIterable<Uint8Array>) {
    byteCount += chunk.byteLength;
    if (byteCount > BODY_BYTES_MAX) throw tooLarge();
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

function tooLarge(): AppError {
  return new AppError("payload_too_large", "The body is too large", {
    details: { maxBytes: BODY_BYTES_MAX },
  });
}
