import type { Page } from "#protocol/api/common.ts";
import type { HttpRequestDto } from "#protocol/api/requests.ts";
import { LiveJournal } from "#components/lib/live-journal.ts";

export type LastRequests = Page<HttpRequestDto>;

/** What the live link said lately, for lists on their way. */
export const requestJournal = new LiveJournal<readonly HttpRequestDto[]>();

interface RequestsOf {
  readonly tunnelId: string;
  /** Older ones are forgotten. */
  readonly itemsMax: number;
}

/**
 * Puts what ended on top of the last requests of a tunnel, each once, up to a bound.
 *
 * @param ended  oldest first, of any tunnel
 * @returns      the same page when nothing in it changed
 */
export function withLiveRequests(
  page: LastRequests,
  ended: readonly HttpRequestDto[],
  { tunnelId, itemsMax }: RequestsOf,
): LastRequests {
  const known = new Set<string>(page.items.map(({ id }) => id));
  const added: HttpRequestDto[] = [];
  for (const request of ended) {
    if (request.tunnelId !== tunnelId || known.has(request.id)) continue;
    known.add(request.id);
    added.push(request);
  }
  if (added.length === 0) return page;
  return { ...page, items: [...added.toReversed(), ...page.items].slice(0, itemsMax) };
}
