"use client";

import { useState } from "react";
import { Button } from "#components/ui/button.tsx";
import { Dialog } from "#components/ui/dialog.tsx";
import { ExpiryField } from "#components/ui/expiry-field.tsx";
import { SecretOnce } from "#components/ui/secret-once.tsx";
import type { ClusterId } from "#protocol/api/ids.ts";
import { useCreateToken } from "../use-cluster-mutations.ts";

interface CreateTokenDialogProps {
  readonly clusterId: ClusterId;
  readonly isOpen: boolean;
  readonly onOpenChange: (isOpen: boolean) => void;
}

/** Asks for an expiry, then shows the token once. */
export function CreateTokenDialog({ clusterId, isOpen, onOpenChange }: CreateTokenDialogProps) {
  const [days, setDays] = useState<number | null>(null);
  const [token, setToken] = useState<string | null>(null);
  const create = useCreateToken(clusterId, (created) => setToken(created.token));
  const change = (next: boolean): void => {
    onOpenChange(next);
    if (!next) setToken(null);
  };
  const isDone = token !== null;
  return (
    <Dialog
      isOpen={isOpen}
      onOpenChange={change}
      title={isDone ? "Your new token" : "Create an agent token"}
      description={
        isDone
          ? "Give it to the agent as CULVERT_TOKEN."
          : "Several agents of this cluster may use the same one. To rotate, create a new one, restart the agents with it, then revoke the old one."
      }
      footer={
        isDone ? (
          <Button variant="primary" onClick={() => change(false)}>
            Done
          </Button>
        ) : (
          <>
            <Button onClick={() => change(false)}>Cancel</Button>
            <Button variant="primary" isBusy={create.isPending} onClick={() => create.mutate(days)}>
              Create token
            </Button>
          </>
        )
      }
    >
      {isDone ? (
        <SecretOnce secret={token} what="token" />
      ) : (
        <ExpiryField days={days} onChange={setDays} />
      )}
    </Dialog>
  );
}
