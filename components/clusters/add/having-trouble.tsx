"use client";

import { useQuery } from "@tanstack/react-query";
import { settingsQueries } from "#components/settings/settings-queries.ts";
import { RelativeTime } from "#components/ui/relative-time.tsx";
import { Dot } from "#components/ui/status.tsx";
import type { AgentRefusalDto } from "#protocol/api/clusters.ts";
import type { ClusterId } from "#protocol/api/ids.ts";
import { clusterQueries } from "../cluster-queries.ts";

const ASK_MS = 4_000;

interface HavingTroubleProps {
  readonly clusterId: ClusterId;
}

/** What the server saw of an agent that does not get through, and what else to look at. */
export function HavingTrouble({ clusterId }: HavingTroubleProps) {
  const { data } = useQuery({ ...clusterQueries.refusals(clusterId), refetchInterval: ASK_MS });
  const { data: settings } = useQuery(settingsQueries.get());
  const refusals = data?.items ?? [];
  return (
    <details
      // Opens by itself once there is something to read.
      open={refusals.length > 0}
      className="rounded-lg border border-line bg-background px-4 py-2.5"
    >
      <summary className="text-sm font-medium">Having trouble?</summary>
      <div className="mt-3 flex flex-col gap-4 pb-1 text-sm">
        <section className="flex flex-col gap-2">
          <h3 className="text-xs text-muted">What the server saw</h3>
          {refusals.length === 0 ? (
            <p>No agent has tried to connect with this cluster’s token yet.</p>
          ) : (
            <ul className="flex flex-col gap-2">
              {refusals.slice(0, 5).map((refusal) => (
                <Refusal key={`${refusal.at}-${refusal.address}`} refusal={refusal} />
              ))}
            </ul>
          )}
        </section>
        <section className="flex flex-col gap-2">
          <h3 className="text-xs text-muted">What to look at</h3>
          <ul className="flex list-disc flex-col gap-1 pl-4 text-muted marker:text-faint">
            <li>
              The machine must reach{" "}
              <span className="mono text-fg">{settings?.publicUrl ?? "this server"}</span>. Try{" "}
              <span className="mono text-fg">curl {settings?.publicUrl ?? ""}/healthz</span> there.
            </li>
            <li>A proxy in between must let WebSockets through and not end them when idle.</li>
            <li>The machine’s clock must be right where the server is reached over HTTPS.</li>
            <li>The whole token must be in the command, on one line.</li>
            <li>
              In a cluster, <span className="mono text-fg">kubectl -n culvert get pods</span> says
              whether the image was found, and{" "}
              <span className="mono text-fg">kubectl -n culvert logs deployment/culvert-agent</span>{" "}
              what the agent says.
            </li>
          </ul>
        </section>
      </div>
    </details>
  );
}

function Refusal({ refusal }: { readonly refusal: AgentRefusalDto }) {
  return (
    <li className="flex items-baseline gap-2">
      <Dot tone="danger" />
      <span className="min-w-0">
        {refusal.reason} <span className="text-muted">({refusal.code})</span>
        <span className="block text-xs text-muted">
          From <span className="mono">{refusal.address}</span>, <RelativeTime at={refusal.at} />
        </span>
      </span>
    </li>
  );
}
