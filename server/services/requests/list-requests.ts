import type { Page } from "#protocol/api/common.ts";
import type { HttpRequestDto } from "#protocol/api/requests.ts";
import { requireRole, type Actor } from "#server/services/actor.ts";
import type { ServiceContext } from "#server/services/service-context.ts";
import { getTunnelRow } from "#server/services/tunnels/get-tunnel.ts";
import { toHttpRequestDto } from "./request-dto.ts";

/**
 * The newest requests of a tunnel, in one page; of one that carries no HTTP there are none.
 *
 * @throws AppError `not_found`
 */
export async function listRequests(
  deps: Pick<ServiceContext, "db" | "live">,
  actor: Actor,
  input: { readonly id: string },
): Promise<Page<HttpRequestDto>> {
  requireRole(actor, "viewer");
  const { id } = await getTunnelRow(deps.db, input.id);
  return { items: deps.live.requests.of(id).map(toHttpRequestDto), nextCursor: null };
}
