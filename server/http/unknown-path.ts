import { randomUUID } from "node:crypto";
import { AppError } from "#protocol/errors.ts";
import { getRuntime } from "#server/runtime.ts";
import { authenticate } from "./authenticate.ts";
import { errorResponse } from "./error-response.ts";

/** Answers for paths of the API that do not exist: in the API's own shape, and to nobody without credentials. */
export async function handleUnknownPath(request: Request): Promise<Response> {
  const runtime = getRuntime();
  const requestId = randomUUID();
  let failure: unknown = new AppError("not_found", "There is nothing at this path");
  try {
    await authenticate(runtime, request.headers);
  } catch (error) {
    failure = error;
  }
  const response = errorResponse(failure, runtime.log.child({ requestId }));
  response.headers.set("x-request-id", requestId);
  return response;
}
