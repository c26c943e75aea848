import { AppError } from "#protocol/errors.ts";
import { transaction } from "#server/db/db.ts";
import type { ServiceContext } from "#server/services/service-context.ts";
import { consumeLink } from "./consume-link.ts";

/**
 * Uses a sign-in link up and says whom it signs in; the caller starts the session.
 *
 * @throws AppError `not_found` when it is unknown, used or expired
 */
export async function redeemSignInLink(
  deps: Pick<ServiceContext, "db" | "now">,
  input: { readonly token: string },
): Promise<{ readonly userId: string }> {
  const link = await transaction(deps.db, (tx) =>
    consumeLink(tx, { purpose: "sign_in", token: input.token, at: deps.now() }),
  );
  const userId = link?.userId ?? null;
  if (userId === null) throw new AppError("not_found", "The link is not valid any more");
  return { userId };
}
