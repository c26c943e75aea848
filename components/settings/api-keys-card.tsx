"use client";

import { useQuery } from "@tanstack/react-query";
import { KeyRound, Plus } from "lucide-react";
import { useState } from "react";
import { tokenState } from "#components/clusters/tabs/token-state.ts";
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
import type { ApiKeyDto } from "#protocol/api/api-keys.ts";
import { CreateApiKeyDialog } from "./create-api-key-dialog.tsx";
import { settingsQueries } from "./settings-queries.ts";
import { useRevokeApiKey } from "./use-api-keys.ts";

/** Keys for programs: each shown once. */
export function ApiKeysCard() {
  const query = useQuery(settingsQueries.apiKeys());
  const [isCreating, setCreating] = useState(false);
  const [revoking, setRevoking] = useState<ApiKeyDto | null>(null);
  const revoke = useRevokeApiKey(() => setRevoking(null));
  return (
    <Card>
      <CardHeader
        title="API keys"
        actions={
          <Button size="sm" onClick={() => setCreating(true)}>
            <Icon icon={Plus} size={14} />
            Create API key
          </Button>
        }
      />
      <QueryView query={query} failure="The API keys could not be loaded">
        {({ items }) =>
          items.length === 0 ? (
            <EmptyState icon={KeyRound} title="There is no API key">
              Programs send one as <code className="mono">Authorization: Bearer …</code> to{" "}
              <code className="mono">/api/v1</code>.
            </EmptyState>
          ) : (
            <KeyTable keys={items} onRevoke={setRevoking} />
          )
        }
      </QueryView>
      <CreateApiKeyDialog isOpen={isCreating} onOpenChange={setCreating} />
      <ConfirmDialog
        isOpen={revoking !== null}
        onOpenChange={(isOpen) => !isOpen && setRevoking(null)}
        title={`Revoke the API key ${revoking?.name ?? ""}?`}
        description="Programs that use it are refused at once, and their live links are closed. This cannot be undone."
        confirmLabel={`Revoke ${revoking?.name ?? "key"}`}
        isBusy={revoke.isPending}
        onConfirm={() => revoking && revoke.mutate(revoking.id)}
      />
    </Card>
  );
}

interface KeyTableProps {
  readonly keys: readonly ApiKeyDto[];
  readonly onRevoke: (key: ApiKeyDto) => void;
}

function KeyTable({ keys, onRevoke }: KeyTableProps) {
  const now = useNow(60_000);
  return (
    <Table caption="API keys" isStacked>
      <TableHead>
        <Th>Name</Th>
        <Th>Key</Th>
        <Th>Role</Th>
        <Th>Status</Th>
        <Th>Last used</Th>
        <Th>Expires</Th>
        <Th>
          <span className="sr-only">Actions</span>
        </Th>
      </TableHead>
      <TableBody>
        {keys.map((key) => {
          const state = tokenState(key, now);
          return (
            <TableRow key={key.id}>
              <Td className="font-medium">{key.name}</Td>
              <Td label="Key" className="mono text-muted">
                {key.prefix}…
              </Td>
              <Td label="Role" className="capitalize text-muted">
                {key.role}
              </Td>
              <Td label="Status">
                <Status tone={state.tone}>{state.word}</Status>
              </Td>
              <Td label="Last used" className="text-muted">
                {key.lastUsedAt === null ? "never" : <RelativeTime at={key.lastUsedAt} />}
              </Td>
              <Td label="Expires" className="text-muted">
                {key.expiresAt === null ? "never" : <RelativeTime at={key.expiresAt} />}
              </Td>
              <Td isNumber>
                <Button size="sm" variant="danger" onClick={() => onRevoke(key)}>
                  Revoke…
                </Button>
              </Td>
            </TableRow>
          );
        })}
      </TableBody>
    </Table>
  );
}
