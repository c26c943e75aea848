import type { SetupBody } from "#protocol/api/session.ts";
import { AppError } from "#protocol/errors.ts";
import { transaction } from "#server/db/db.ts";
import type { Actor } from "#server/services/actor.ts";
import { consumeLink, isLinkValid } from "#server/services/one-time-links/consume-link.ts";
import type { ServiceContext } from "#server/services/service-context.ts";
import { hasPeople } from "./has-people.ts";
import { hashUserPassword, insertUser } from "./insert-user.ts";

/**
 * Makes the first administrator for whoever holds the printed set-up link.
 *
 * The link is used up, the person is made and both are written down in one transaction, so that of two people who
 * race with the same link one gets in.
 *
 * @param actor whoever is at the other end; they have no account yet.
 * @throws AppError `not_found` when the link is unknown, used or expired, or a person exists already
 */
export async function completeSetup(
  deps: Pick<ServiceContext, "db" | "now" | "changes">,
  actor: Pick<Actor, "address">,
  input: SetupBody,
): Promise<{ readonly userId: string }> {
  const at = deps.now();
  const presented = { purpose: "setup", token: input.token, at } as const;
  // Hashing a password is slow on purpose: not for everybody who sends one.
  if (!(await isLinkValid(deps.db, presented))) throw notValid();
  const passwordHash = await hashUserPassword(input.password);
  const { id, event } = await transaction(deps.db, async (tx) => {
    const link = await consumeLink(tx, presented);
    if (link === null || (await hasPeople(tx))) throw notValid();
    const { email, name } = input;
    const person: Actor = {
      kind: "user",
      id: null,
      name: email,
      role: "admin",
      address: actor.address,
    };
    return await insertUser(tx, person, at, { email, name, role: "admin", passwordHash });
  });
  deps.changes.publish(event);
  return { userId: id };
}

function notValid(): AppError {
  return new AppError("not_found", "The set-up link is not valid any more");
}
