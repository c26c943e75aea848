import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { z } from "zod";
import { isAppError } from "#protocol/errors.ts";
import { ConfigError, parseConfig, type Config } from "#server/config/config.ts";
import { DatabaseError } from "#server/db/client.ts";
import { sqlitePath } from "#server/db/sqlite-adapter.ts";
import { findLockOwner, takeLock } from "#server/supervisor/lock.ts";
import {
  ADMIN_COMMANDS,
  type AdminCommandName,
  type AdminInput,
  type AdminOutput,
} from "./admin-commands.ts";
import { askServer } from "./ask-server.ts";
import { withOwnDatabase } from "./own-database.ts";
import { readPassword } from "./read-password.ts";
import { runAdmin } from "./run-on-database.ts";

type Env = Readonly<Record<string, string | undefined>>;
type RoleName = "admin" | "operator" | "viewer";

/** `culvert admin create-user`. @returns the exit code. */
export async function createUserCommand(
  env: Env,
  options: { readonly email: string; readonly name?: string; readonly role: RoleName },
): Promise<number> {
  return await reported(async () => {
    const password = await readPassword(process.stdin, process.stderr);
    const { email, role } = await perform(env, "create-user", { ...options, password });
    return `Created ${email} with the role ${role}.`;
  });
}

/** `culvert admin create-api-key`: prints the key alone. @returns the exit code. */
export async function createApiKeyCommand(
  env: Env,
  options: { readonly name: string; readonly role: RoleName },
): Promise<number> {
  return await reported(async () => (await perform(env, "create-api-key", options)).key);
}

/** `culvert admin create-cluster`: prints one JSON object alone. @returns the exit code. */
export async function createClusterCommand(
  env: Env,
  options: { readonly name: string },
): Promise<number> {
  return await reported(async () => {
    const { clusterId, token } = await perform(env, "create-cluster", options);
    return JSON.stringify({ clusterId, token });
  });
}

/** `culvert admin sign-in-link`: prints the link alone. @returns the exit code. */
export async function signInLinkCommand(
  env: Env,
  options: { readonly email?: string },
): Promise<number> {
  return await reported(async () => (await perform(env, "sign-in-link", options)).url);
}

/** Has the running server do it, or does it on the database while no server runs. */
async function perform<N extends AdminCommandName>(
  env: Env,
  name: N,
  input: AdminInput<N>,
): Promise<AdminOutput<N>> {
  const config = parseConfig(env);
  // Mistakes in what was typed are found before anything is opened.
  ADMIN_COMMANDS[name].input.parse(input);
  const lockFile = resolve(config.lockFile);
  const owner = await findLockOwner(lockFile);
  if (owner?.kind === "server")
    return await askServer(join(owner.runDir, "control.sock"), name, input);
  return await performAlone(config, lockFile, name, input);
}

async function performAlone<N extends AdminCommandName>(
  config: Config,
  lockFile: string,
  name: N,
  input: AdminInput<N>,
): Promise<AdminOutput<N>> {
  const path = sqlitePath(config.database.url);
  const isNew = !existsSync(path);
  const where = resolve(config.dataDir);
  if (isNew && name === "sign-in-link") {
    throw new ConfigError(
      `No server runs with its data in ${where}, and there is no database ${path}. CULVERT_DATA_DIR names the server's folder.`,
    );
  }
  const lock = await takeLock(lockFile, { kind: "command", runDir: "" }).catch((cause: unknown) => {
    throw new ConfigError(`The data directory ${config.dataDir} cannot be written.`, { cause });
  });
  if (!lock.taken) {
    throw new ConfigError(
      `Process ${lock.owner.pid} uses ${config.dataDir} at this moment; try again.`,
    );
  }
  try {
    const answer = await withOwnDatabase(config, async (context) => {
      // Parsed with the schema of this very command; TypeScript cannot follow the generic index.
      const parsed = ADMIN_COMMANDS[name].input.parse(input) as Parameters<typeof runAdmin<N>>[2];
      return await runAdmin(context, name, parsed);
    });
    process.stderr.write(
      isNew
        ? `No server runs with its data in ${where}, and there was no database ${path}: a new one was made. If a server runs elsewhere, set CULVERT_DATA_DIR to its folder.\n`
        : `No server runs with its data in ${where}: this was written to the database ${path} directly.\n`,
    );
    return answer;
  } finally {
    await lock.release();
  }
}

/** Prints the answer on standard output, or one sentence on standard error. */
async function reported(work: () => Promise<string>): Promise<number> {
  try {
    process.stdout.write(`${await work()}\n`);
    return 0;
  } catch (error) {
    const sentence = toSentence(error);
    if (sentence === null) throw error;
    process.stderr.write(`${sentence}\n`);
    return 1;
  }
}

function toSentence(error: unknown): string | null {
  const isOurs = error instanceof ConfigError || error instanceof DatabaseError;
  if (isOurs || isAppError(error)) return error.message;
  if (error instanceof z.ZodError) {
    const [issue] = error.issues;
    return `${issue?.path.join(".") ?? "input"}: ${issue?.message ?? "is not valid"}`;
  }
  return null;
}
