import { capitalise } from "#components/lib/format.ts";
import { Card, CardHeader } from "#components/ui/card.tsx";
import { EmptyState } from "#components/ui/empty-state.tsx";
import { Status } from "#components/ui/status.tsx";
import { Table, TableBody, TableHead, TableRow, Td, Th } from "#components/ui/table.tsx";
import type { TunnelDto } from "#protocol/api/tunnels.ts";
import { serviceTrouble } from "./tunnel-trouble.ts";

/** Where the agent dials, with the share each backend gets. */
export function BackendsCard({ tunnel }: { readonly tunnel: TunnelDto }) {
  const { backends } = tunnel;
  const trouble = serviceTrouble(tunnel)?.ofBackend ?? null;
  const total = backends.reduce((sum, { weight }) => sum + weight, 0);
  return (
    <Card>
      <CardHeader title="Backends" />
      {backends.length === 0 ? (
        <EmptyState title="No route names a backend" />
      ) : (
        <Table caption="Backends">
          <TableHead>
            <Th>Service</Th>
            <Th>State</Th>
            <Th isNumber>Share</Th>
          </TableHead>
          <TableBody>
            {backends.map(({ namespace, name, port, weight, ready }) => (
              <TableRow key={`${namespace}/${name}:${port}`}>
                <Td className="w-full max-w-0">
                  <div className="truncate font-medium" title={`${name}:${port}`}>
                    {name}:{port}
                  </div>
                  <div className="truncate text-xs text-muted">
                    {namespace} · weight {weight}
                  </div>
                </Td>
                <Td>
                  <BackendStatus
                    isReady={ready}
                    isSeen={tunnel.agents.length > 0}
                    trouble={trouble}
                  />
                </Td>
                <Td isNumber>{total === 0 ? "–" : `${Math.round((weight / total) * 100)} %`}</Td>
              </TableRow>
            ))}
          </TableBody>
        </Table>
      )}
    </Card>
  );
}

interface BackendStatusProps {
  readonly isReady: boolean;
  /** An agent is there to see it. */
  readonly isSeen: boolean;
  /** It is ready as far as the agent knows, and was not reached: `not answering`. */
  readonly trouble: string | null;
}

function BackendStatus({ isReady, isSeen, trouble }: BackendStatusProps) {
  if (!isSeen) return <Status tone="off">Not known</Status>;
  if (isReady && trouble !== null) {
    return <Status tone="warning">{capitalise(trouble)}</Status>;
  }
  return <Status tone={isReady ? "success" : "danger"}>{isReady ? "Ready" : "Not ready"}</Status>;
}
