"use client";

import { Card, CardHeader } from "#components/ui/card.tsx";
import { Chip } from "#components/ui/chip.tsx";
import { EmptyState } from "#components/ui/empty-state.tsx";
import { Status } from "#components/ui/status.tsx";
import { Table, TableBody, TableHead, TableRow, Td, Th } from "#components/ui/table.tsx";
import type { ClusterDetailsDto } from "#protocol/api/clusters.ts";
import { bundleWords } from "../resource-words.ts";

type GatewayApi = NonNullable<ClusterDetailsDto["gatewayApi"]>;
type Kind = GatewayApi["kinds"][number];

/** Kind by kind: which version is in use, what is served, and what to do where one is missing. */
export function GatewayApiCard({ status }: { readonly status: GatewayApi | null }) {
  const hasAdvice = status?.kinds.some(({ advice }) => advice !== null) === true;
  return (
    <Card>
      <CardHeader title="Gateway API">
        {status !== null && <Chip>{bundleWords(status)}</Chip>}
      </CardHeader>
      {status === null ? (
        <EmptyState title="No agent has told which versions are served">
          An agent that discovers from Kubernetes asks its API server at the start.
        </EmptyState>
      ) : (
        <Table caption="Kinds of the Gateway API" isStacked>
          <TableHead>
            <Th>Kind</Th>
            <Th>In use</Th>
            <Th>Served</Th>
            {hasAdvice && <Th>What to do</Th>}
          </TableHead>
          <TableBody>
            {status.kinds.map((kind) => (
              <KindRow key={kind.kind} kind={kind} hasAdvice={hasAdvice} />
            ))}
          </TableBody>
        </Table>
      )}
    </Card>
  );
}

interface KindRowProps {
  readonly kind: Kind;
  /** Some kind of the table has one. */
  readonly hasAdvice: boolean;
}

function KindRow({ kind, hasAdvice }: KindRowProps) {
  return (
    <TableRow>
      <Td className="font-medium">{kind.kind}</Td>
      <Td label="In use">
        {kind.version === null ? (
          <Status tone={kind.advice === null ? "off" : "warning"}>Not served</Status>
        ) : (
          <Status tone={kind.advice === null ? "success" : "warning"}>{kind.version}</Status>
        )}
      </Td>
      <Td label="Served" className="mono text-muted">
        {kind.served.length === 0 ? "–" : kind.served.join(", ")}
      </Td>
      {hasAdvice && (
        <Td className="min-w-64 text-sm whitespace-normal! text-muted max-md:text-left!">
          {kind.advice}
        </Td>
      )}
    </TableRow>
  );
}
