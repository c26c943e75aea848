"use client";

import { useQuery } from "@tanstack/react-query";
import { KeyRound, Plus } from "lucide-react";
import { useState } from "react";
import { useCanOperate } from "#components/lib/me.tsx";
import { useNow } from "#components/lib/use-now.ts";
import { Button } from "#components/ui/button.tsx";
import { Card, CardHeader } from "#components/ui/card.tsx";
import { ConfirmDialog } from "#components/ui/confirm-dialog.tsx";
import { EmptyState } from "#components/ui/empty-state.tsx";
import { Icon } from "#components/ui/icon.tsx";
import { QueryView } from "#components/ui/query-view.tsx";
import { RelativeTime } from "#components/ui/relative-time.tsx";
import { Status } from "#components/ui/status.tsx";
import { Table, TableBody, TableHead, TableRow, Td, Th } from "#components/ui/table.tsx";
import type { TokenDto } from "#protocol/api/clusters.ts";
import type { ClusterId } from "#protocol/api/ids.ts";
import { clusterQueries } from "../cluster-queries.ts";
import { useRevokeToken } from "../use-cluster-mutations.ts";
import { CreateTokenDialog } from "./create-token-dialog.tsx";
import { tokenState } from "./token-state.ts";

interface TokensCardProps {
  readonly clusterId: ClusterId;
}

/** The cluster's agent tokens: each shown once, revoked at once. */
export function TokensCard({ clusterId }: TokensCardProps) {
  const query = useQuery(clusterQueries.tokens(clusterId));
  const canOperate = useCanOperate();
  const [isCreating, setCreating] = useState(false);
  const [revoking, setRevoking] = useState<TokenDto | null>(null);
  const revoke = useRevokeToken(clusterId, () => setRevoking(null));
  return (
    <Card>
      <CardHeader
        title="Agent tokens"
        actions={
          canOperate && (
            <Button size="sm" onClick={() => setCreating(true)}>
              <Icon icon={Plus} size={14} />
              Create token
            </Button>
          )
        }
      />
      <QueryView query={query} failure="The tokens could not be loaded">
        {({ items }) =>
          items.length === 0 ? (
            <EmptyState icon={KeyRound} title="There is no token">
              Without one, no agent can connect.
            </EmptyState>
          ) : (
            <TokenTable tokens={items} onRevoke={canOperate ? setRevoking : null} />
          )
        }
      </QueryView>
      <CreateTokenDialog clusterId={clusterId} isOpen={isCreating} onOpenChange={setCreating} />
      <ConfirmDialog
        isOpen={revoking !== null}
        onOpenChange={(isOpen) => !isOpen && setRevoking(null)}
        title={`Revoke the token ${revoking?.prefix ?? ""}…?`}
        description="Agents that use it are disconnected at once, and so is what runs through them, unless another agent of this cluster is connected. This cannot be undone."
        confirmLabel="Revoke token"
        isBusy={revoke.isPending}
        onConfirm={() => revoking && revoke.mutate(revoking.id)}
      />
    </Card>
  );
}

interface TokenTableProps {
  readonly tokens: readonly TokenDto[];
  readonly onRevoke: ((token: TokenDto) => void) | null;
}

function TokenTable({ tokens, onRevoke }: TokenTableProps) {
  const now = useNow(60_000);
  return (
    <Table caption="Agent tokens" isStacked>
      <TableHead>
        <Th>Token</Th>
        <Th>Status</Th>
        <Th>Created</Th>
        <Th>Last used</Th>
        <Th>Expires</Th>
        <Th>
          <span className="sr-only">Actions</span>
        </Th>
      </TableHead>
      <TableBody>
        {tokens.map((token) => {
          const state = tokenState(token, now);
          return (
            <TableRow key={token.id}>
              <Td label="Token" className="mono">
                {token.prefix}…
              </Td>
              <Td label="Status">
                <Status tone={state.tone}>{state.word}</Status>
              </Td>
              <Td label="Created" className="text-muted">
                <RelativeTime at={token.createdAt} />
              </Td>
              <Td label="Last used" className="text-muted">
                {token.lastUsedAt === null ? "never" : <RelativeTime at={token.lastUsedAt} />}
              </Td>
              <Td label="Expires" className="text-muted">
                {token.expiresAt === null ? "never" : <RelativeTime at={token.expiresAt} />}
              </Td>
              <Td isNumber>
                {onRevoke !== null && token.revokedAt === null && (
                  <Button size="sm" variant="danger" onClick={() => onRevoke(token)}>
                    Revoke…
                  </Button>
                )}
              </Td>
            </TableRow>
          );
        })}
      </TableBody>
    </Table>
  );
}
