import { ERROR_TABLE, toAppError } from "#protocol/errors.ts";
import {
  ADMIN_COMMANDS,
  ADMIN_PATH_PREFIX,
  isAdminCommand,
  type AdminCommandName,
} from "./admin-commands.ts";
import { runAdmin, type AdminContext } from "./run-on-database.ts";

/** Answers one command from the private socket; null when the path is none of ours. */
export async function answerAdmin(
  context: AdminContext,
  path: string,
  body: unknown,
): Promise<Response | null> {
  const name = path.startsWith(ADMIN_PATH_PREFIX) ? path.slice(ADMIN_PATH_PREFIX.length) : "";
  if (!isAdminCommand(name)) return null;
  try {
    return Response.json(await parseAndRun(context, name, body));
  } catch (error) {
    const failure = toAppError(error);
    const { http, retryable } = ERROR_TABLE[failure.code];
    const { code, message, details } = failure;
    return Response.json({ error: { code, message, retryable, details } }, { status: http });
  }
}

async function parseAndRun(
  context: AdminContext,
  name: AdminCommandName,
  body: unknown,
): Promise<unknown> {
  return await runAdmin(context, name, ADMIN_COMMANDS[name].input.parse(body));
}
