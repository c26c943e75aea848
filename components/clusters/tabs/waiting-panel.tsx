"use client";

import { useState } from "react";
import { useCanOperate } from "#components/lib/me.tsx";
import { Button } from "#components/ui/button.tsx";
import { Card, CardBody, CardHeader } from "#components/ui/card.tsx";
import type { ClusterId } from "#protocol/api/ids.ts";
import { ConnectAgent } from "../add/connect-agent.tsx";
import { WaitingForAgent } from "../add/waiting-for-agent.tsx";
import { useCreateToken } from "../use-cluster-mutations.ts";

interface WaitingPanelProps {
  readonly clusterId: ClusterId;
}

/** For a cluster whose agent was never seen: the way to the command, again. */
export function WaitingPanel({ clusterId }: WaitingPanelProps) {
  const [token, setToken] = useState<string | null>(null);
  const create = useCreateToken(clusterId, (created) => setToken(created.token));
  const canOperate = useCanOperate();
  return (
    <Card>
      <CardHeader title="Connect an agent" />
      <CardBody className="flex flex-col gap-5">
        {token === null ? (
          <div className="flex flex-wrap items-center justify-between gap-3">
            <p className="max-w-[60ch] text-muted">
              No agent has connected yet. If the command from before is lost, a new token gives you
              a new one; the old token stays valid until you revoke it.
            </p>
            {canOperate && (
              <Button isBusy={create.isPending} onClick={() => create.mutate(null)}>
                Create a token and show the command
              </Button>
            )}
          </div>
        ) : (
          <ConnectAgent token={token} />
        )}
        <WaitingForAgent clusterId={clusterId} />
      </CardBody>
    </Card>
  );
}
