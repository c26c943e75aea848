import { Route, Server, TriangleAlert } from "lucide-react";
import Link from "next/link";
import type { ReactNode } from "react";
import { Chip } from "#components/ui/chip.tsx";
import { Icon } from "#components/ui/icon.tsx";
import { Status } from "#components/ui/status.tsx";
import type { GatewayDto } from "#protocol/api/clusters.ts";
import { Reason } from "./reason.tsx";

type Listener = GatewayDto["listeners"][number];

const BRANCH_CLASS = "flex flex-col gap-2 border-l border-line pl-4";

/** A listener, the routes that want it, and the backends that they lead to. */
export function ListenerBranch({ listener }: { readonly listener: Listener }) {
  const { problem, problemCode, routes, backends } = listener;
  return (
    <li className="border-b border-line px-4 py-3.5 last:border-0">
      <div className="flex flex-wrap items-center gap-x-2.5 gap-y-1">
        <span className="font-medium">{listener.name}</span>
        <Chip>
          {listener.protocol.toUpperCase()} {listener.port}
        </Chip>
        {listener.hostnames.map((host) => (
          <span key={host} className="mono text-muted [overflow-wrap:anywhere]">
            {host}
          </span>
        ))}
        <span className="ml-auto text-sm">
          <Publication listener={listener} />
        </span>
      </div>
      {problem !== null && (
        <p className="mt-1.5 flex gap-2 text-sm text-warning">
          <span className="pt-0.5">
            <Icon icon={TriangleAlert} size={14} />
          </span>
          <Reason code={problemCode} text={problem} />
        </p>
      )}
      {routes.length + backends.length > 0 && (
        <ul aria-label={`Routes of ${listener.name}`} className={`mt-2.5 ${BRANCH_CLASS}`}>
          {routes.map((route) => (
            <RouteLeaf
              key={`${route.kind}-${route.namespace}-${route.name}`}
              route={route}
              isExplained={route.message === problem}
            />
          ))}
          {backends.length > 0 && (
            <li>
              <ul aria-label={`Backends of ${listener.name}`} className={`ml-1.5 ${BRANCH_CLASS}`}>
                {backends.map((backend) => (
                  <BackendLeaf
                    key={`${backend.namespace}-${backend.name}-${backend.port}`}
                    backend={backend}
                  />
                ))}
              </ul>
            </li>
          )}
        </ul>
      )}
    </li>
  );
}

function Publication({ listener }: { readonly listener: Listener }) {
  const isPublished = listener.problem === null;
  if (listener.tunnelId === null) return <Status tone="off">Not published</Status>;
  return (
    <Link
      href={`/tunnels/${listener.tunnelId}`}
      className="rounded-sm underline-offset-[3px] hover:underline"
    >
      <Status tone={isPublished ? "success" : "warning"}>
        {isPublished ? "Published" : "Pending"}
      </Status>
    </Link>
  );
}

interface RouteLeafProps {
  readonly route: Listener["routes"][number];
  /** Its reason is the listener's, which stands above. */
  readonly isExplained: boolean;
}

function RouteLeaf({ route, isExplained }: RouteLeafProps) {
  const { accepted, reason, message } = route;
  // An accepted route needs no code, but may have something to add.
  const hasNothingToSay = isExplained || (accepted && message === "");
  return (
    <Leaf
      icon={<Icon icon={Route} size={14} />}
      name={`${route.kind} ${route.namespace}/${route.name}`}
      state={
        <Status tone={accepted ? "success" : "danger"}>{accepted ? "Accepted" : "Refused"}</Status>
      }
      reason={hasNothingToSay ? null : <Reason code={accepted ? null : reason} text={message} />}
    />
  );
}

function BackendLeaf({ backend }: { readonly backend: Listener["backends"][number] }) {
  return (
    <Leaf
      icon={<Icon icon={Server} size={14} />}
      name={`${backend.namespace}/${backend.name}:${backend.port}`}
      note={`weight ${backend.weight}`}
      state={
        <Status tone={backend.ready ? "success" : "danger"}>
          {backend.ready ? "Ready" : "Not ready"}
        </Status>
      }
      reason={backend.reason === null ? null : <Reason text={backend.reason} />}
    />
  );
}

interface LeafProps {
  readonly icon: ReactNode;
  readonly name: string;
  readonly note?: string;
  readonly state: ReactNode;
  readonly reason: ReactNode;
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
      {reason !== null && <p className="pl-[22px] text-xs text-muted">{reason}</p>}
    </li>
  );
}
