"use client";

import { useRouter } from "next/navigation";
import { useState, type FormEvent } from "react";
import { plural } from "#components/lib/format.ts";
import { useCanOperate } from "#components/lib/me.tsx";
import { Button } from "#components/ui/button.tsx";
import { Card, CardBody, CardHeader } from "#components/ui/card.tsx";
import { ConfirmDialog } from "#components/ui/confirm-dialog.tsx";
import { Field, Input } from "#components/ui/input.tsx";
import { DisplayName } from "#protocol/api/common.ts";
import type { ClusterDto } from "#protocol/api/clusters.ts";
import { useDeleteCluster, useRenameCluster } from "../use-cluster-mutations.ts";
import { TokensCard } from "./tokens-card.tsx";

interface ClusterSettingsTabProps {
  readonly cluster: ClusterDto;
}

export function ClusterSettingsTab({ cluster }: ClusterSettingsTabProps) {
  const canOperate = useCanOperate();
  return (
    <div className="flex max-w-[760px] flex-col gap-5">
      <TokensCard clusterId={cluster.id} />
      {canOperate && <RenameCard key={cluster.name} cluster={cluster} />}
      {canOperate && <DeleteCard cluster={cluster} />}
    </div>
  );
}

function RenameCard({ cluster }: ClusterSettingsTabProps) {
  const [problem, setProblem] = useState<string | null>(null);
  const rename = useRenameCluster(cluster.id);
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const parsed = DisplayName.safeParse(new FormData(event.currentTarget).get("name"));
    setProblem(
      parsed.success ? null : `The name ${parsed.error.issues[0]?.message ?? "is wrong"}.`,
    );
    if (parsed.success && parsed.data !== cluster.name) rename.mutate(parsed.data);
  };
  return (
    <Card>
      <CardHeader title="Name" />
      <CardBody>
        <form noValidate onSubmit={submit} className="flex flex-wrap items-end gap-2">
          <div className="min-w-56 flex-1">
            <Field label="What people call this cluster" error={problem}>
              {(control) => (
                <Input {...control} name="name" defaultValue={cluster.name} autoComplete="off" />
              )}
            </Field>
          </div>
          <Button type="submit" isBusy={rename.isPending}>
            Rename
          </Button>
        </form>
      </CardBody>
    </Card>
  );
}

function DeleteCard({ cluster }: ClusterSettingsTabProps) {
  const router = useRouter();
  const [isAsking, setAsking] = useState(false);
  const remove = useDeleteCluster(cluster, () => router.push("/clusters"));
  return (
    <Card>
      <CardHeader title="Delete" />
      <CardBody className="flex flex-wrap items-center justify-between gap-3">
        <p className="max-w-[52ch] text-muted">
          Ends its tunnels, frees their ports and revokes its tokens. What runs in the cluster
          itself is not touched.
        </p>
        <Button variant="danger" onClick={() => setAsking(true)}>
          Delete {cluster.name}…
        </Button>
      </CardBody>
      <ConfirmDialog
        isOpen={isAsking}
        onOpenChange={setAsking}
        title={`Delete ${cluster.name}?`}
        description={
          <>
            {plural(cluster.connections.open, "open connection")} on{" "}
            {plural(cluster.tunnels.total, "tunnel")} will be closed, and{" "}
            {plural(cluster.agents.connected, "agent")} will be turned away. Its ports may go to
            other tunnels. This cannot be undone.
          </>
        }
        confirmLabel={`Delete ${cluster.name}`}
        isBusy={remove.isPending}
        onConfirm={() => remove.mutate()}
      />
    </Card>
  );
}
