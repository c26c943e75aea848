"use client";

import { useEffect, useRef, useState, type FormEvent, type ReactNode } from "react";
import { useCanOperate } from "#components/lib/me.tsx";
import { cn } from "#components/lib/cn.ts";
import { usePageCrumb } from "#components/layout/crumb-store.ts";
import { Button } from "#components/ui/button.tsx";
import { Card, CardBody } from "#components/ui/card.tsx";
import { EmptyState } from "#components/ui/empty-state.tsx";
import { Field, Input } from "#components/ui/input.tsx";
import { DisplayName } from "#protocol/api/common.ts";
import type { CreatedCluster } from "#protocol/api/clusters.ts";
import { useCreateCluster } from "../use-cluster-mutations.ts";
import { ConnectAgent } from "./connect-agent.tsx";
import { WaitingForAgent } from "./waiting-for-agent.tsx";

interface AddClusterProps {
  readonly isFirst?: boolean;
  /** Called before the cluster comes to be. */
  readonly onBegin?: () => void;
}

/** Name, one command, connected. */
export function AddCluster({ isFirst = false, onBegin }: AddClusterProps) {
  const [created, setCreated] = useState<CreatedCluster | null>(null);
  const canOperate = useCanOperate();
  usePageCrumb(isFirst ? null : "Add a cluster");
  if (!canOperate) {
    return (
      <Card>
        <EmptyState title="No cluster is connected yet">
          Adding one needs the role of an operator.
        </EmptyState>
      </Card>
    );
  }
  return (
    <div className="mx-auto flex w-full max-w-[680px] flex-col gap-5">
      <div>
        <h1>{isFirst ? "Connect your first cluster" : "Add a cluster"}</h1>
        <p className="mt-1 text-muted">
          A cluster is a place whose services are to be reached: Kubernetes, or a plain host. An
          agent inside it dials out to this server; nothing needs to be opened there.
        </p>
      </div>
      <Card label="Add a cluster">
        <Step number={1} title="Name it" isDone={created !== null}>
          {created === null ? (
            <NameForm hasFocus={!isFirst} onBegin={onBegin} onCreated={setCreated} />
          ) : (
            <p className="font-medium">{created.cluster.name}</p>
          )}
        </Step>
        <Step number={2} title="Start the agent" isAhead={created === null}>
          {created !== null && <ConnectAgent token={created.token} />}
        </Step>
        <Step number={3} title="See it connect" isAhead={created === null} isLast>
          {created !== null && <WaitingForAgent clusterId={created.cluster.id} />}
        </Step>
      </Card>
    </div>
  );
}

interface StepProps {
  readonly number: number;
  readonly title: string;
  readonly isDone?: boolean;
  /** Its turn has not come. */
  readonly isAhead?: boolean;
  readonly isLast?: boolean;
  readonly children: ReactNode;
}

function Step({ number, title, isDone, isAhead, isLast, children }: StepProps) {
  return (
    <CardBody className={cn("flex gap-4 p-5", isLast !== true && "border-b border-line")}>
      <span
        aria-hidden="true"
        className={cn(
          "grid size-6 shrink-0 place-items-center rounded-full text-xs font-medium",
          isDone === true && "bg-success-soft text-success",
          isAhead === true && "bg-raised text-muted",
          isDone !== true && isAhead !== true && "bg-fg text-background",
        )}
      >
        {isDone === true ? "✓" : number}
      </span>
      <div className="min-w-0 flex-1">
        <h2 className={cn("leading-6", isAhead === true && "text-muted")}>{title}</h2>
        {isAhead !== true && <div className="mt-3">{children}</div>}
      </div>
    </CardBody>
  );
}

interface NameFormProps {
  /** People came here for it. */
  readonly hasFocus: boolean;
  readonly onBegin: (() => void) | undefined;
  readonly onCreated: (created: CreatedCluster) => void;
}

function NameForm({ hasFocus, onBegin, onCreated }: NameFormProps) {
  const [problem, setProblem] = useState<string | null>(null);
  const create = useCreateCluster(onCreated);
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    if (hasFocus) form.current?.querySelector("input")?.focus();
  }, [hasFocus]);
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const parsed = DisplayName.safeParse(new FormData(event.currentTarget).get("name"));
    setProblem(
      parsed.success ? null : `The name ${parsed.error.issues[0]?.message ?? "is wrong"}.`,
    );
    if (!parsed.success) return;
    onBegin?.();
    create.mutate({ name: parsed.data });
  };
  return (
    <form ref={form} noValidate onSubmit={submit} className="flex flex-col gap-3">
      <Field
        label="Name"
        hint="For people: what you call the place, for example prod-frankfurt."
        error={problem}
      >
        {(control) => (
          <Input {...control} name="name" autoComplete="off" spellCheck={false} maxLength={63} />
        )}
      </Field>
      <div>
        <Button type="submit" variant="primary" isBusy={create.isPending}>
          Create and show the command
        </Button>
      </div>
    </form>
  );
}
