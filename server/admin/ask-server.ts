import { request } from "node:http";
import { z } from "zod";
import { ErrorBody } from "#protocol/api/common.ts";
import { AppError } from "#protocol/errors.ts";
import {
  ADMIN_COMMANDS,
  ADMIN_PATH_PREFIX,
  type AdminCommandName,
  type AdminInput,
  type AdminOutput,
} from "./admin-commands.ts";

const ANSWER_TIMEOUT_MS = 15_000;
const ANSWER_BYTES_MAX = 1024 * 1024;

/**
 * Has the running server do it, over its private socket.
 *
 * @throws AppError: what the server refused with, or `unavailable` when it does not answer
 */
export async function askServer<N extends AdminCommandName>(
  socketPath: string,
  name: N,
  input: AdminInput<N>,
): Promise<AdminOutput<N>> {
  const { status, text } = await post(socketPath, `${ADMIN_PATH_PREFIX}${name}`, input);
  const json = z.json().parse(JSON.parse(text));
  if (status !== 200) {
    const { code, message, details } = ErrorBody.parse(json).error;
    throw new AppError(code, message, { details });
  }
  // The schema of this very command; TypeScript cannot follow the generic index.
  return ADMIN_COMMANDS[name].output.parse(json) as AdminOutput<N>;
}

function post(
  socketPath: string,
  path: string,
  body: unknown,
): Promise<{ readonly status: number; readonly text: string }> {
  const answer = Promise.withResolvers<{ status: number; text: string }>();
  const fail = (cause: unknown): void =>
    answer.reject(new AppError("unavailable", "The running server does not answer", { cause }));
  const sent = request(
    {
      socketPath,
      path,
      method: "POST",
      headers: { "content-type": "application/json" },
      signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
    },
    (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => {
        text += chunk;
        if (text.length > ANSWER_BYTES_MAX) response.destroy(new Error("answer is too large"));
      });
      response.on("end", () => answer.resolve({ status: response.statusCode ?? 0, text }));
      response.on("error", fail);
    },
  );
  sent.on("error", fail);
  sent.end(JSON.stringify(body));
  return answer.promise;
}
