/** One row per failure we are willing to name. HTTP status, log level and retry advice are all read from here. */
interface ErrorSpec {
  /** Status used when the failure leaves through an HTTP route. */
  readonly http: number;
  /** True when a healthy system produces it: logged at `info`, without a stack. */
  readonly expected: boolean;
  /** True when the same call may succeed later without being changed. */
  readonly retryable: boolean;
}

export const ERROR_TABLE = {
  bad_request: { http: 400, expected: true, retryable: false },
  unauthenticated: { http: 401, expected: true, retryable: false },
  forbidden: { http: 403, expected: true, retryable: false },
  not_found: { http: 404, expected: true, retryable: false },
  method_not_allowed: { http: 405, expected: true, retryable: false },
  conflict: { http: 409, expected: true, retryable: false },
  payload_too_large: { http: 413, expected: true, retryable: false },
  limit_exceeded: { http: 429, expected: true, retryable: true },
  internal: { http: 500, expected: false, retryable: false },
  upstream_unreachable: { http: 502, expected: true, retryable: true },
  agent_offline: { http: 503, expected: true, retryable: true },
  unavailable: { http: 503, expected: true, retryable: true },
  deadline_exceeded: { http: 504, expected: true, retryable: true },
} as const satisfies Record<string, ErrorSpec>;

export type ErrorCode = keyof typeof ERROR_TABLE;

export const ERROR_CODES = Object.keys(ERROR_TABLE) as [ErrorCode, ...ErrorCode[]];

/** `Symbol.for`, not `instanceof`: Next bundles its own copy of this module (docs/adr/0005-runtime-slot.md). */
const BRAND = Symbol.for("culvert.AppError");

export interface AppErrorOptions {
  readonly cause?: unknown;
  /** Safe to show to the caller. Never secrets, tokens or SQL. */
  readonly details?: Readonly<Record<string, string | number | boolean>>;
}

/** A failure that a caller may be told about, by code. */
export class AppError extends Error {
  override readonly name = "AppError";
  readonly [BRAND] = true;
  readonly code: ErrorCode;
  readonly details: NonNullable<AppErrorOptions["details"]>;

  constructor(code: ErrorCode, message: string, options: AppErrorOptions = {}) {
    super(message, { cause: options.cause });
    this.code = code;
    this.details = options.details ?? {};
  }
}

export function isAppError(value: unknown): value is AppError {
  return typeof value === "object" && value !== null && BRAND in value;
}

/** Wraps anything unnamed as `internal`, keeping the original as `cause`. */
export function toAppError(value: unknown): AppError {
  return isAppError(value)
    ? value
    : new AppError("internal", "Unexpected failure", { cause: value });
}
