import type { Page } from "#protocol/api/common.ts";
import type { ConnectionDto } from "#protocol/api/connections.ts";
import type { LiveConnections } from "#protocol/live/events.ts";
import type { WholeList } from "#components/tunnels/fetch-all-pages.ts";
import { LiveJournal } from "#components/lib/live-journal.ts";

/** Which connections: those of a tunnel, or all. */
export interface ConnectionScope {
  readonly tunnelId: string | null;
}

interface Heard {
  readonly event: LiveConnections;
  readonly at: number;
}

/** What the live link said lately, for lists on their way. */
export const connectionJournal = new LiveJournal<Heard>();

export type OpenConnections = WholeList<ConnectionDto>;
export type ClosedConnections = Page<ConnectionDto>;

const isIn = (scope: ConnectionScope) => (connection: ConnectionDto) =>
  scope.tunnelId === null || connection.tunnelId === scope.tunnelId;

/**
 * Applies one batch of live events to the open connections, newest first.
 *
 * @param at  when the batch arrived: bytes that moved moved just before
 * @returns   the same list when nothing in it changed
 */
export function withLiveOpen(
  list: OpenConnections,
  event: LiveConnections,
  scope: ConnectionScope,
  at: number,
): OpenConnections {
  const closed = new Set<string>(event.closed.map(({ id }) => id));
  const changed = new Map(event.changed.map(({ id, ...figures }) => [id, figures]));
  const known = new Set<string>();
  let isChanged = false;
  const kept: ConnectionDto[] = [];
  for (const connection of list.items) {
    known.add(connection.id);
    if (closed.has(connection.id)) {
      isChanged = true;
      continue;
    }
    const figures = changed.get(connection.id);
    if (figures === undefined) {
      kept.push(connection);
      continue;
    }
    isChanged = true;
    kept.push({ ...connection, ...figures, lastActivityAt: new Date(at).toISOString() });
  }
  const opened = event.opened
    .filter(isIn(scope))
    .filter(({ id }) => !known.has(id) && !closed.has(id));
  if (!isChanged && opened.length === 0) return list;
  return { ...list, items: [...opened.toReversed(), ...kept] };
}

/** Puts what closed on top of the recently closed ones, each once, up to a bound. */
export function withLiveClosed(
  page: ClosedConnections,
  event: LiveConnections,
  scope: ConnectionScope,
  itemsMax: number,
): ClosedConnections {
  const known = new Set<string>(page.items.map(({ id }) => id));
  const added = event.closed.filter(isIn(scope)).filter(({ id }) => !known.has(id));
  if (added.length === 0) return page;
  return { ...page, items: [...added.toReversed(), ...page.items].slice(0, itemsMax) };
}
