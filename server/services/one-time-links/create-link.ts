import { AppError } from "#protocol/errors.ts";
import { transaction } from "#server/db/db.ts";
import { newId } from "#server/lib/ids.ts";
import { requireRole, type Actor } from "#server/services/actor.ts";
import { createSecretKey } from "#server/services/secret-keys.ts";
import type { ServiceContext } from "#server/services/service-context.ts";
import { hasPeople } from "#server/services/users/has-people.ts";
import { normaliseEmail } from "#server/services/users/insert-user.ts";
import { isLinkValid } from "./consume-link.ts";

const SETUP_TTL_MS = 3_600_000;
const SIGN_IN_TTL_MS = 3_600_000;

const NOBODY =
  "Nobody can sign in yet: the set-up link that the server prints when it starts makes the first administrator, and a restart prints a new one";

type LinkDeps = Pick<ServiceContext, "db" | "now" | "installation">;

/**
 * Makes the set-up link that is printed while no person exists; one printed earlier stops working.
 *
 * @returns null once a person exists.
 */
export async function createSetupLink(deps: LinkDeps): Promise<string | null> {
  const at = deps.now();
  const key = createSecretKey("cvl");
  return await transaction(deps.db, async (tx) => {
    if (await hasPeople(tx)) return null;
    await tx.oneTimeLink.deleteMany({ where: { purpose: "setup" } });
    await tx.oneTimeLink.create({
      data: {
        id: newId("ln"),
        purpose: "setup",
        hash: key.hash,
        createdAt: at,
        expiresAt: new Date(at.getTime() + SETUP_TTL_MS),
      },
    });
    return `${deps.installation.publicUrl}/setup?token=${key.secret}`;
  });
}

/** True while no person exists and the token is that of the set-up link. */
export async function isSetupTokenValid(
  deps: Pick<ServiceContext, "db" | "now">,
  token: string,
): Promise<boolean> {
  if (await hasPeople(deps.db)) return false;
  return await isLinkValid(deps.db, { purpose: "setup", token, at: deps.now() });
}

/**
 * Makes a link that signs one person in, once.
 *
 * @param input.email whose; without it, the first administrator's.
 * @throws AppError `not_found` when there is no such person, or nobody at all, `forbidden`
 */
export async function createSignInLink(
  deps: LinkDeps,
  actor: Actor,
  input: { readonly email?: string | undefined },
): Promise<string> {
  requireRole(actor, "admin");
  const at = deps.now();
  const key = createSecretKey("cvl");
  await transaction(deps.db, async (tx) => {
    const user = await tx.user.findFirst({
      where: input.email === undefined ? { role: "admin" } : { email: normaliseEmail(input.email) },
      orderBy: [{ createdAt: "asc" }, { id: "asc" }],
      select: { id: true },
    });
    if (user === null) {
      throw new AppError("not_found", (await hasPeople(tx)) ? "There is no such person" : NOBODY);
    }
    await tx.oneTimeLink.create({
      data: {
        id: newId("ln"),
        purpose: "sign_in",
        hash: key.hash,
        userId: user.id,
        createdAt: at,
        expiresAt: new Date(at.getTime() + SIGN_IN_TTL_MS),
      },
    });
  });
  return `${deps.installation.publicUrl}/sign-in/link?token=${key.secret}`;
}
