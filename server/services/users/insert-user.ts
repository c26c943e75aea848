import { hashPassword } from "better-auth/crypto";
import type { Role } from "#protocol/api/common.ts";
import type { Tx } from "#server/db/db.ts";
import { newId } from "#server/lib/ids.ts";
import type { Actor } from "#server/services/actor.ts";
import { appendAudit } from "#server/services/audit/append-audit.ts";
import type { Change } from "#server/services/changes.ts";

export interface NewUser {
  readonly email: string;
  readonly name: string;
  readonly role: Role;
  /** As better-auth stores it: see {@link hashUserPassword}. */
  readonly passwordHash: string;
}

/** Slow on purpose, so it happens before the transaction and never in it. */
export async function hashUserPassword(password: string): Promise<string> {
  return await hashPassword(password);
}

/** E-mail addresses are compared in lower case, as better-auth does at sign-in. */
export function normaliseEmail(email: string): string {
  return email.trim().toLowerCase();
}

/** Makes a person who signs in with a password, in the caller's transaction. */
export async function insertUser(
  tx: Tx,
  actor: Actor,
  at: Date,
  user: NewUser,
): Promise<{ readonly id: string; readonly event: Change }> {
  const id = newId("us");
  const email = normaliseEmail(user.email);
  await tx.user.create({
    data: {
      id,
      email,
      name: user.name,
      role: user.role,
      // Whoever made this person vouches for the address; there is no mail to confirm it with.
      emailVerified: true,
      createdAt: at,
      accounts: {
        create: {
          id: newId("us"),
          accountId: id,
          providerId: "credential",
          password: user.passwordHash,
          createdAt: at,
        },
      },
    },
  });
  const event = await appendAudit(tx, {
    actor,
    at,
    action: "user.create",
    object: { kind: "user", id, name: email },
    after: { role: user.role },
  });
  return { id, event };
}
