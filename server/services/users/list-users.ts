import { Role, type Page, PAGE_LIMIT_MAX } from "#protocol/api/common.ts";
import { requireRole, type Actor } from "#server/services/actor.ts";
import type { ServiceContext } from "#server/services/service-context.ts";

export interface UserView {
  readonly id: string;
  readonly email: string;
  readonly name: string;
  readonly role: Role;
  readonly createdAt: string;
}

/** Everybody who may sign in, oldest first. */
export async function listUsers(
  deps: Pick<ServiceContext, "db">,
  actor: Actor,
): Promise<Page<UserView>> {
  requireRole(actor, "admin");
  const rows = await deps.db.user.findMany({
    orderBy: [{ createdAt: "asc" }, { id: "asc" }],
    take: PAGE_LIMIT_MAX,
  });
  const items = rows.map(({ id, email, name, role, createdAt }) => ({
    id,
    email,
    name,
    role: Role.parse(role),
    createdAt: createdAt.toISOString(),
  }));
  return { items, nextCursor: null };
}
