import type { Role } from "#protocol/api/common.ts";
import { PASSWORD_LENGTH_MAX, PASSWORD_LENGTH_MIN } from "#protocol/api/session.ts";
import { AppError } from "#protocol/errors.ts";
import { isUniqueViolation, transaction } from "#server/db/db.ts";
import { requireRole, type Actor } from "#server/services/actor.ts";
import type { ServiceContext } from "#server/services/service-context.ts";
import { hasPeople } from "./has-people.ts";
import { hashUserPassword, insertUser } from "./insert-user.ts";

export interface CreateUserInput {
  readonly email: string;
  readonly name: string;
  readonly role: Role;
  readonly password: string;
}

/**
 * Makes a person who signs in with a password.
 *
 * @throws AppError `bad_request` for a password that is too short or too long, `conflict` when the address is taken,
 *   `forbidden`
 */
export async function createUser(
  deps: Pick<ServiceContext, "db" | "now" | "changes">,
  actor: Actor,
  input: CreateUserInput,
): Promise<{ readonly id: string }> {
  requireRole(actor, "admin");
  const { length } = input.password;
  if (length < PASSWORD_LENGTH_MIN || length > PASSWORD_LENGTH_MAX) {
    throw new AppError(
      "bad_request",
      `The password must be ${PASSWORD_LENGTH_MIN} to ${PASSWORD_LENGTH_MAX} characters long`,
    );
  }
  const { email, name, role } = input;
  const passwordHash = await hashUserPassword(input.password);
  const { id, event } = await transaction(deps.db, (tx) =>
    insertUser(tx, actor, deps.now(), { email, name, role, passwordHash }),
  ).catch((error: unknown) => {
    throw isUniqueViolation(error)
      ? new AppError("conflict", "Somebody has that e-mail address already", { cause: error })
      : error;
  });
  deps.changes.publish(event);
  return { id };
}

/** Makes the first administrator from the environment, once: while no person exists. */
export async function ensureFirstAdmin(
  deps: Pick<ServiceContext, "db" | "now" | "changes">,
  actor: Actor,
  admin: { readonly email: string; readonly password: string },
): Promise<boolean> {
  if (await hasPeople(deps.db)) return false;
  await createUser(deps, actor, { ...admin, name: "Administrator", role: "admin" });
  return true;
}
