"use client";

import { useQuery } from "@tanstack/react-query";
import { CircleCheck, LoaderCircle } from "lucide-react";
import { formatLatency, plural } from "#components/lib/format.ts";
import { ModeChip } from "#components/tunnels/mode-chip.tsx";
import { tunnelName } from "#components/tunnels/tunnel-name.ts";
import { tunnelQueries } from "#components/tunnels/tunnel-queries.ts";
import { mainEndpoint } from "#components/tunnels/tunnel-endpoints.ts";
import { ButtonLink } from "#components/ui/button.tsx";
import { CodeLine } from "#components/ui/code-line.tsx";
import { Icon } from "#components/ui/icon.tsx";
import type { ClusterId } from "#protocol/api/ids.ts";
import type { TunnelDto } from "#protocol/api/tunnels.ts";
import { clusterQueries } from "../cluster-queries.ts";
import { HavingTrouble } from "./having-trouble.tsx";

/** The live link says it at once; asking is for when that is down. */
const ASK_MS = 3_000;

interface WaitingForAgentProps {
  readonly clusterId: ClusterId;
}

/** "Waiting for the agent…", which turns into "Connected" with what was discovered. */
export function WaitingForAgent({ clusterId }: WaitingForAgentProps) {
  const { data: cluster } = useQuery({
    ...clusterQueries.detail(clusterId),
    refetchInterval: ({ state }) => (state.data?.status === "connected" ? false : ASK_MS),
  });
  const isConnected = cluster?.status === "connected" || cluster?.status === "degraded";
  return (
    <div className="flex flex-col gap-4">
      <p role="status" className="flex items-center gap-2.5 font-medium">
        {isConnected ? (
          <span className="text-success">
            <Icon icon={CircleCheck} size={20} />
          </span>
        ) : (
          <span className="animate-spin text-muted motion-reduce:animate-none">
            <Icon icon={LoaderCircle} size={20} />
          </span>
        )}
        {isConnected ? "Connected" : "Waiting for the agent…"}
      </p>
      {isConnected ? <Discovered clusterId={clusterId} /> : <HavingTrouble clusterId={clusterId} />}
    </div>
  );
}

function Discovered({ clusterId }: WaitingForAgentProps) {
  const { data: agents } = useQuery(clusterQueries.agents(clusterId));
  const { data: tunnels } = useQuery({
    ...tunnelQueries.list(clusterId),
    refetchInterval: ({ state }) => ((state.data?.items.length ?? 0) > 0 ? false : ASK_MS),
  });
  const agent = agents?.items.find(({ status }) => status === "connected");
  const rttMs = agent?.relays.find((relay) => relay.rttMs !== null)?.rttMs ?? null;
  const found = tunnels?.items ?? [];
  return (
    <div className="flex flex-col gap-4">
      {agent && (
        <p className="text-sm text-muted">
          Agent <span className="font-medium text-fg">{agent.name}</span>, version {agent.version}
          {rttMs !== null && `, ${formatLatency(rttMs)} away`}.{" "}
          {found.length === 0
            ? "It has reported no service yet."
            : `It found ${plural(found.length, "service")}.`}
        </p>
      )}
      {found.length > 0 && (
        <ul className="flex flex-col gap-3">
          {found.slice(0, 5).map((tunnel) => (
            <DiscoveredTunnel key={tunnel.id} tunnel={tunnel} />
          ))}
        </ul>
      )}
      <div className="flex flex-wrap gap-2">
        {found[0] && (
          <ButtonLink href={`/tunnels/${found[0].id}`} variant="primary">
            Open {tunnelName(found[0])}
          </ButtonLink>
        )}
        <ButtonLink href={`/clusters/${clusterId}`}>Open the cluster</ButtonLink>
      </div>
    </div>
  );
}

function DiscoveredTunnel({ tunnel }: { readonly tunnel: TunnelDto }) {
  const endpoint = mainEndpoint(tunnel);
  return (
    <li className="flex flex-col gap-1.5">
      <span className="flex items-center gap-2">
        <span className="font-medium">{tunnelName(tunnel)}</span>
        <ModeChip tunnel={tunnel} />
      </span>
      {endpoint === null ? (
        <span className="text-sm text-muted">{tunnel.phaseReason ?? "Not published yet."}</span>
      ) : (
        <CodeLine text={endpoint.address} what="endpoint" isWrapped={false} />
      )}
    </li>
  );
}
