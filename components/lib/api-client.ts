import type { z } from "zod";
import { ErrorBody } from "#protocol/api/common.ts";
import type { ErrorCode } from "#protocol/errors.ts";

/** `offline`: no answer came. `invalid_answer`: one came that is not of the agreed shape. */
export type ApiErrorCode = ErrorCode | "offline" | "invalid_answer";

interface ApiErrorOptions {
  readonly status: number;
  readonly retryable: boolean;
  readonly requestId: string | null;
  readonly details?: ErrorBody["error"]["details"];
  readonly cause?: unknown;
}

/** A request that did not succeed. `message` is a sentence that may be shown. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly code: ApiErrorCode;
  /** HTTP status; 0 when no answer came. */
  readonly status: number;
  readonly retryable: boolean;
  /** `x-request-id` of the answer, to quote in a report. */
  readonly requestId: string | null;
  readonly details: ErrorBody["error"]["details"];

  constructor(code: ApiErrorCode, message: string, options: ApiErrorOptions) {
    super(message, { cause: options.cause });
    this.code = code;
    this.status = options.status;
    this.retryable = options.retryable;
    this.requestId = options.requestId;
    this.details = options.details ?? {};
  }
}

export interface ApiRequestInit {
  readonly method?: "GET" | "POST" | "PATCH" | "DELETE";
  /** Sent as JSON. */
  readonly body?: unknown;
  readonly signal?: AbortSignal;
}

/**
 * Sends one request to our own server and parses the answer.
 *
 * @throws ApiError: refused, unreachable, or an answer of another shape
 */
export async function apiRequest<S extends z.ZodType>(
  schema: S,
  path: string,
  init: ApiRequestInit = {},
): Promise<z.output<S>> {
  const response = await send(path, init);
  const requestId = response.headers.get("x-request-id");
  if (!response.ok) throw await toApiError(response, requestId);
  const parsed = schema.safeParse(response.status === 204 ? undefined : await readJson(response));
  if (parsed.success) return parsed.data;
  throw new ApiError("invalid_answer", "The server answered in a way this page does not know.", {
    status: response.status,
    retryable: false,
    requestId,
    cause: parsed.error,
  });
}

async function send(path: string, init: ApiRequestInit): Promise<Response> {
  const { method = "GET", body, signal } = init;
  try {
    return await fetch(path, {
      method,
      credentials: "same-origin",
      headers: {
        accept: "application/json",
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal ? { signal } : {}),
    });
  } catch (cause) {
    if (signal?.aborted) throw cause;
    throw new ApiError("offline", "The server cannot be reached.", {
      status: 0,
      retryable: true,
      requestId: null,
      cause,
    });
  }
}

async function toApiError(response: Response, requestId: string | null): Promise<ApiError> {
  const parsed = ErrorBody.safeParse(await readJson(response));
  if (!parsed.success) {
    const isGone = response.status === 502 || response.status === 503;
    return new ApiError(
      isGone ? "unavailable" : "internal",
      isGone
        ? "The dashboard's server is restarting. Tunnels keep running."
        : "Something went wrong on our side.",
      { status: response.status, retryable: isGone, requestId },
    );
  }
  const { code, message, retryable, details } = parsed.data.error;
  return new ApiError(code, message, { status: response.status, retryable, requestId, details });
}

async function readJson(response: Response): Promise<unknown> {
  try {
    return await response.json();
  } catch {
    // Not JSON: the caller's schema refuses undefined and says so.
    return undefined;
  }
}

/** Query string with a leading `?`, or nothing; undefined, null and empty values are left out. */
export function queryString(
  values: Readonly<Record<string, string | number | boolean | null | undefined>>,
): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) {
    if (value !== undefined && value !== null && value !== "") search.set(name, String(value));
  }
  const text = search.toString();
  return text === "" ? "" : `?${text}`;
}
