import type { ApiKeyDto } from "#protocol/api/api-keys.ts";
import { PAGE_LIMIT_MAX, type Page } from "#protocol/api/common.ts";
import { requireRole, type Actor } from "#server/services/actor.ts";
import type { ServiceContext } from "#server/services/service-context.ts";
import { toApiKeyDto } from "./api-key-dto.ts";

/** All API keys, newest first; never the keys themselves. */
export async function listApiKeys(
  deps: Pick<ServiceContext, "db">,
  actor: Actor,
): Promise<Page<ApiKeyDto>> {
  requireRole(actor, "admin");
  const rows = await deps.db.apiKey.findMany({
    orderBy: [{ createdAt: "desc" }, { id: "desc" }],
    take: PAGE_LIMIT_MAX,
  });
  return { items: rows.map(toApiKeyDto), nextCursor: null };
}
