"use client";

import { useQuery } from "@tanstack/react-query";
import { Network, Route, Server, TriangleAlert } from "lucide-react";
import Link from "next/link";
import type { ReactNode } from "react";
import { Card, CardHeader } from "#components/ui/card.tsx";
import { Chip } from "#components/ui/chip.tsx";
import { EmptyState } from "#components/ui/empty-state.tsx";
import { Icon } from "#components/ui/icon.tsx";
import { QueryView } from "#components/ui/query-view.tsx";
import { Status } from "#components/ui/status.tsx";
import type { GatewayDto, GatewayListDto } from "#protocol/api/clusters.ts";
import { clusterQueries } from "../cluster-queries.ts";

type Listener = GatewayDto["listeners"][number];

interface GatewaysTabProps {
  readonly clusterId: string;
}

/** Gateway → listeners → routes → backends, with what is accepted and why not. */
export function GatewaysTab({ clusterId }: GatewaysTabProps) {
  const query = useQuery(clusterQueries.gateways(clusterId));
  return (
    <QueryView query={query} failure="The gateways could not be loaded">
      {(list) => (
        <div className="flex flex-col gap-5">
          <Problems problems={list.problems} />
          {list.items.length === 0 ? (
            <Card>
              <EmptyState icon={Network} title="No gateway was discovered yet">
                The agent reports every Gateway it is told to watch, with its listeners, routes and
                backends.
              </EmptyState>
            </Card>
          ) : (
            list.items.map((gateway) => (
              <Gateway key={`${gateway.namespace}/${gateway.name}`} gateway={gateway} />
            ))
          )}
        </div>
      )}
    </QueryView>
  );
}

function Problems({ problems }: Pick<GatewayListDto, "problems">) {
  if (problems.length === 0) return null;
  return (
    <Card>
      <CardHeader title="Could not be read">
        <Chip tone="warning">{problems.length}</Chip>
      </CardHeader>
      <ul>
        {problems.map((problem) => (
          <li
            key={`${problem.agentId}-${problem.where}-${problem.reason}`}
            className="flex gap-3 border-b border-line px-4 py-3 last:border-0"
          >
            <span className="pt-0.5 text-warning">
              <Icon icon={TriangleAlert} />
            </span>
            <div className="min-w-0">
              <p className="mono [overflow-wrap:anywhere]">{problem.where}</p>
              <p className="text-sm text-muted">{problem.reason}</p>
            </div>
          </li>
        ))}
      </ul>
    </Card>
  );
}

function Gateway({ gateway }: { readonly gateway: GatewayDto }) {
  return (
    <Card>
      <CardHeader
        title={
          <span className="inline-flex items-center gap-2">
            <Icon icon={Network} />
            <span className="mono">
              {gateway.namespace}/{gateway.name}
            </span>
          </span>
        }
        actions={
          gateway.addresses.length > 0 && (
            <span className="mono text-muted">{gateway.addresses.join(", ")}</span>
          )
        }
      />
      <ul>
        {gateway.listeners.map((listener) => (
          <ListenerBranch
            key={`${listener.name}-${listener.protocol}-${listener.port}`}
            listener={listener}
          />
        ))}
      </ul>
    </Card>
  );
}

function ListenerBranch({ listener }: { readonly listener: Listener }) {
  return (
    <li className="border-b border-line px-4 py-3.5 last:border-0">
      <div className="flex flex-wrap items-center gap-x-2.5 gap-y-1">
        <span className="font-medium">{listener.name}</span>
        <Chip>
          {listener.protocol.toUpperCase()} {listener.port}
        </Chip>
        {listener.hostnames.map((host) => (
          <span key={host} className="mono text-muted">
            {host}
          </span>
        ))}
        <span className="ml-auto text-sm">
          {listener.tunnelId === null ? (
            <Status tone="off">Not published</Status>
          ) : (
            <Link
              href={`/tunnels/${listener.tunnelId}`}
              className="rounded-sm underline-offset-[3px] hover:underline"
            >
              <Status tone={listener.problem === null ? "success" : "warning"}>
                {listener.problem === null ? "Published" : "Open its tunnel"}
              </Status>
            </Link>
          )}
        </span>
      </div>
      {listener.problem !== null && (
        <p className="mt-1.5 flex gap-2 text-sm text-warning">
          <span className="pt-0.5">
            <Icon icon={TriangleAlert} size={14} />
          </span>
          {listener.problem}
        </p>
      )}
      <ul className="mt-2.5 flex flex-col gap-2 border-l border-line pl-4">
        {listener.routes.map((route) => (
          <Leaf
            key={`${route.kind}-${route.namespace}-${route.name}`}
            icon={<Icon icon={Route} size={14} />}
            name={`${route.kind} ${route.namespace}/${route.name}`}
            state={
              <Status tone={route.accepted ? "success" : "danger"}>
                {route.accepted ? "Accepted" : "Refused"}
              </Status>
            }
            reason={
              route.accepted ? null : [route.reason, route.message].filter(Boolean).join(": ")
            }
          />
        ))}
        {listener.backends.map((backend) => (
          <Leaf
            key={`${backend.namespace}-${backend.name}-${backend.port}`}
            icon={<Icon icon={Server} size={14} />}
            name={`${backend.namespace}/${backend.name}:${backend.port}`}
            note={`weight ${backend.weight}`}
            state={
              <Status tone={backend.ready ? "success" : "danger"}>
                {backend.ready ? "Ready" : "Not ready"}
              </Status>
            }
            reason={backend.reason}
          />
        ))}
        {listener.routes.length === 0 && listener.backends.length === 0 && (
          <li className="text-sm text-muted">No route is attached.</li>
        )}
      </ul>
    </li>
  );
}

interface LeafProps {
  readonly icon: ReactNode;
  readonly name: string;
  readonly note?: string;
  readonly state: ReactNode;
  readonly reason: string | null;
}

function Leaf({ icon, name, note, state, reason }: LeafProps) {
  return (
    <li className="text-sm">
      <span className="flex flex-wrap items-center gap-x-2 gap-y-0.5">
        <span className="text-faint">{icon}</span>
        <span className="mono [overflow-wrap:anywhere]">{name}</span>
        {note !== undefined && <span className="text-xs text-muted">{note}</span>}
        <span className="ml-auto text-muted">{state}</span>
      </span>
      {reason !== null && reason !== "" && <p className="pl-[22px] text-xs text-muted">{reason}</p>}
    </li>
  );
}
