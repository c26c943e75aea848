import type { z } from "zod";
import { AppError, ERROR_TABLE, toAppError } from "#protocol/errors.ts";
import type { Logger } from "#server/observability/logger.ts";

/** Every failure leaves through here: status, level and text come from the one error table. */
export function errorResponse(error: unknown, log: Logger): Response {
  const failure = toAppError(error);
  const { http, expected, retryable } = ERROR_TABLE[failure.code];
  if (expected) log.info({ code: failure.code }, "request refused");
  else log.error({ err: failure }, "request failed");
  const message = expected ? failure.message : "Something went wrong on our side";
  return Response.json(
    { error: { code: failure.code, message, retryable, details: failure.details } },
    { status: http },
  );
}

/** @throws AppError `bad_request` that names the field, never the content. */
export function parseInput<T>(schema: z.ZodType<T>, value: unknown, where: string): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const field = issue?.path.join(".") ?? "";
  const what = `${field} ${issue?.message ?? "unknown"}`.trim();
  throw new AppError("bad_request", `Invalid ${where}: ${what}`, { details: { field } });
}
