"use client";

import { useQuery } from "@tanstack/react-query";
import { Bot } from "lucide-react";
import { formatCount, formatLatency } from "#components/lib/format.ts";
import { Card } from "#components/ui/card.tsx";
import { Chip } from "#components/ui/chip.tsx";
import { EmptyState } from "#components/ui/empty-state.tsx";
import { QueryView } from "#components/ui/query-view.tsx";
import { RelativeTime } from "#components/ui/relative-time.tsx";
import { Status } from "#components/ui/status.tsx";
import { Table, TableBody, TableHead, TableRow, Td, Th } from "#components/ui/table.tsx";
import type { AgentDto } from "#protocol/api/clusters.ts";
import { clusterQueries } from "../cluster-queries.ts";
import { AGENT_STATUS } from "../cluster-words.ts";

interface AgentsTabProps {
  readonly clusterId: string;
}

export function AgentsTab({ clusterId }: AgentsTabProps) {
  const query = useQuery(clusterQueries.agents(clusterId));
  return (
    <Card label="Agents">
      <QueryView query={query} failure="The agents could not be loaded">
        {({ items }) =>
          items.length === 0 ? (
            <EmptyState icon={Bot} title="No agent has connected yet">
              Start one with a token of this cluster. Several agents share the work, and one can die
              without anybody noticing.
            </EmptyState>
          ) : (
            <AgentTable agents={items} />
          )
        }
      </QueryView>
    </Card>
  );
}

function AgentTable({ agents }: { readonly agents: readonly AgentDto[] }) {
  return (
    <Table caption="Agents" isStacked>
      <TableHead>
        <Th>Agent</Th>
        <Th>Status</Th>
        <Th>Links</Th>
        <Th isNumber>Streams</Th>
        <Th isNumber>Up for</Th>
        <Th isWide>Capabilities</Th>
      </TableHead>
      <TableBody>
        {agents.map((agent) => (
          <AgentRow key={agent.id} agent={agent} />
        ))}
      </TableBody>
    </Table>
  );
}

function AgentRow({ agent }: { readonly agent: AgentDto }) {
  const { tone, word } = AGENT_STATUS[agent.status];
  return (
    <TableRow>
      <Td>
        <span className="font-medium">{agent.name}</span>
        <span className="block text-xs text-muted">version {agent.version}</span>
      </Td>
      <Td label="Status">
        <Status tone={tone}>{word}</Status>
        {agent.pending !== null && (
          <span className="block max-w-xs text-xs text-warning">{agent.pending}</span>
        )}
      </Td>
      <Td label="Links" className="text-muted">
        {agent.relays.length === 0 && "–"}
        {agent.relays.map((relay) => (
          <span key={relay.relayId} className="block">
            <span className="mono">{relay.relayId}</span>
            {relay.rttMs !== null && ` · ${formatLatency(relay.rttMs)}`} · since{" "}
            <RelativeTime at={relay.since} look="moment" />
          </span>
        ))}
      </Td>
      <Td label="Streams" isNumber>
        {formatCount(agent.streams)}
      </Td>
      <Td label="Up for" isNumber className="text-muted">
        {agent.status === "offline" ? (
          <>
            seen <RelativeTime at={agent.lastSeenAt} />
          </>
        ) : (
          <RelativeTime at={agent.startedAt} look="age" />
        )}
      </Td>
      <Td label="Capabilities" isWide>
        <span className="flex max-w-md flex-wrap gap-1">
          {agent.capabilities.length === 0 && <span className="text-muted">none named</span>}
          {agent.capabilities.map((capability) => (
            <Chip key={capability}>
              <span className="mono">{capability}</span>
            </Chip>
          ))}
        </span>
      </Td>
    </TableRow>
  );
}
