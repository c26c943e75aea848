interface ApiErrorParts {
  /** HTTP status; 0 when there was no answer to read. */
  readonly status: number;
  /** `reason` of the API's own Status object, a system error code, or `timeout`, `silent`, `too_large`, `malformed`, `access`. */
  readonly code: string;
  /** One plain sentence. */
  readonly message: string;
  /** From `Retry-After`; 0 when the server did not say. */
  readonly retryAfterMs?: number;
  readonly cause?: unknown;
}

/** A call to the Kubernetes API that did not succeed. */
export class KubernetesApiError extends Error {
  override readonly name = "KubernetesApiError";
  readonly status: number;
  readonly code: string;
  readonly retryAfterMs: number;

  constructor(parts: ApiErrorParts) {
    super(parts.message, { cause: parts.cause });
    this.status = parts.status;
    this.code = parts.code;
    this.retryAfterMs = parts.retryAfterMs ?? 0;
  }
}

/** `0` for whatever is no answer of the API server. */
export function statusOf(error: unknown): number {
  return error instanceof KubernetesApiError ? error.status : 0;
}
