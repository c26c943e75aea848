"use client";

import { apiRequest, queryString } from "#components/lib/api-client.ts";
import { plural } from "#components/lib/format.ts";
import { NoContent } from "#components/lib/no-content.ts";
import { runBounded } from "#components/tunnels/run-bounded.ts";
import { TRAFFIC, type TrafficWords } from "#components/tunnels/traffic-words.ts";
import { useApiMutation } from "#components/lib/use-api-mutation.ts";
import { showToast } from "#components/ui/toast-store.ts";
import { ClosedCount, type ConnectionDto } from "#protocol/api/connections.ts";

const path = (id: string): string => `/api/v1/connections/${encodeURIComponent(id)}`;

/** Cuts one connection, at once. */
export function useCloseConnection() {
  return useApiMutation({
    run: (connection: ConnectionDto) =>
      apiRequest(NoContent, path(connection.id), { method: "DELETE" }),
    failure: ({ clientAddress }) => `The connection of ${clientAddress} could not be closed`,
    onDone: (_answer, { clientAddress }) =>
      showToast({ title: `The connection of ${clientAddress} is closed` }),
  });
}

/** Which to cut: all of a tunnel, all of some clusters, or these. */
export type CloseTarget =
  | { readonly tunnelId: string }
  | { readonly clusterIds: readonly string[] }
  | { readonly ids: readonly string[] };

async function closeAll(of: { tunnelId?: string; clusterId?: string }): Promise<number> {
  const answer = await apiRequest(ClosedCount, `/api/v1/connections${queryString(of)}`, {
    method: "DELETE",
  });
  return answer.closed;
}

/**
 * Cuts many. Those that end by themselves meanwhile are no failure.
 *
 * @param words  what they are: connections unless said otherwise
 */
export function useCloseConnections(
  onDone: () => void,
  words: Pick<TrafficWords, "one" | "many"> = TRAFFIC.tcp,
) {
  return useApiMutation({
    run: async (target: CloseTarget): Promise<number> => {
      if ("tunnelId" in target) return closeAll(target);
      if ("clusterIds" in target) {
        let closed = 0;
        for (const clusterId of target.clusterIds) closed += await closeAll({ clusterId });
        return closed;
      }
      const results = await runBounded(target.ids, (id) =>
        apiRequest(NoContent, path(id), { method: "DELETE" }),
      );
      return results.filter(({ error }) => error === null).length;
    },
    failure: `The ${words.many} could not be closed`,
    onDone: (closed) => {
      showToast({ title: `${plural(closed, words.one, words.many)} closed` });
      onDone();
    },
  });
}
