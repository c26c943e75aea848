"use client";

import { useQueryClient } from "@tanstack/react-query";
import { apiRequest } from "#components/lib/api-client.ts";
import { plural } from "#components/lib/format.ts";
import { useApiMutation } from "#components/lib/use-api-mutation.ts";
import { showToast } from "#components/ui/toast-store.ts";
import { TunnelDto, type PatchTunnelBody } from "#protocol/api/tunnels.ts";
import { runBounded } from "./run-bounded.ts";
import { changeSentence, inverseOf, subjectOf } from "./tunnel-change.ts";
import { tunnelKeys, tunnelPath } from "./tunnel-queries.ts";
import { storeTunnelChanges } from "./use-tunnels-live.ts";

export interface TunnelChangeRequest {
  /** As they are now: what *Undo* goes back to. */
  readonly tunnels: readonly TunnelDto[];
  readonly body: PatchTunnelBody;
}

interface PlannedChange {
  readonly tunnel: TunnelDto;
  readonly body: PatchTunnelBody;
}

/** Changes one tunnel or many, and offers to take it back. */
export function useChangeTunnels() {
  const client = useQueryClient();
  const run = async (changes: readonly PlannedChange[]): Promise<TunnelDto[]> => {
    const outcomes = await runBounded(changes, ({ tunnel, body }) =>
      apiRequest(TunnelDto, tunnelPath(tunnel.id), { method: "PATCH", body }),
    );
    const changed = outcomes.map(({ value }) => value).filter((value) => value !== null);
    storeTunnelChanges(
      client,
      changed.map((tunnel) => ({ kind: "stored", tunnel })),
    );
    for (const { id } of changed) {
      void client.invalidateQueries({ queryKey: tunnelKeys.explain(id) });
    }
    const failed = outcomes.filter(({ error }) => error !== null);
    const [first] = failed;
    if (first === undefined) return changed;
    if (outcomes.length === 1) throw first.error;
    throw new Error(`${plural(failed.length, "tunnel")} of ${outcomes.length} did not change.`, {
      cause: first.error,
    });
  };
  const undo = useApiMutation({
    run,
    failure: "The change could not be taken back",
    onDone: () => showToast({ title: "Taken back" }),
  });
  return useApiMutation({
    run: ({ tunnels, body }: TunnelChangeRequest) =>
      run(tunnels.map((tunnel) => ({ tunnel, body }))),
    failure: ({ tunnels }) => `${subjectOf(tunnels)} could not be changed`,
    onDone: (_changed, { tunnels, body }) =>
      showToast({
        ...changeSentence(tunnels, body),
        onUndo: () =>
          undo.mutate(tunnels.map((tunnel) => ({ tunnel, body: inverseOf(tunnel, body) }))),
      }),
  });
}
