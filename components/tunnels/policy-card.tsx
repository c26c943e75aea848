"use client";

import { useState, type ReactNode } from "react";
import { formatCount, formatDuration } from "#components/lib/format.ts";
import { useCanOperate } from "#components/lib/me.tsx";
import { Button } from "#components/ui/button.tsx";
import { Card, CardBody, CardHeader } from "#components/ui/card.tsx";
import { Dialog } from "#components/ui/dialog.tsx";
import { Field, Input } from "#components/ui/input.tsx";
import type { TunnelDto } from "#protocol/api/tunnels.ts";
import { checkPolicy, POLICY_HINTS, toForm, type PolicyField } from "./policy-form.ts";
import { useChangeTunnels } from "./use-tunnel-actions.ts";

/** What the relay applies to every connection of the tunnel. */
export function PolicyCard({ tunnel }: { readonly tunnel: TunnelDto }) {
  const [isOpen, setOpen] = useState(false);
  const canOperate = useCanOperate();
  const { connectTimeoutMs, idleTimeoutMs, maxConnections, directDrainMs } = tunnel.policy;
  return (
    <Card>
      <CardHeader
        title="Policy"
        actions={
          canOperate && (
            <Button size="sm" onClick={() => setOpen(true)}>
              Edit
            </Button>
          )
        }
      />
      <CardBody>
        <dl className="grid grid-cols-[1fr_auto] gap-x-4 gap-y-2 text-sm">
          <Rule name="Service must answer within">{formatDuration(connectTimeoutMs)}</Rule>
          <Rule name="Closed when idle for">{formatDuration(idleTimeoutMs)}</Rule>
          <Rule name="At most">{formatCount(maxConnections)} connections</Rule>
          <Rule name="After a switch to direct">
            {directDrainMs === null ? "Live on" : `Closed after ${formatDuration(directDrainMs)}`}
          </Rule>
        </dl>
      </CardBody>
      {isOpen && <PolicyDialog tunnel={tunnel} onClose={() => setOpen(false)} />}
    </Card>
  );
}

function Rule({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <>
      <dt className="text-muted">{name}</dt>
      <dd className="text-right">{children}</dd>
    </>
  );
}

const LABELS: Record<PolicyField, string> = {
  connectSeconds: "Service must answer within, seconds",
  idleMinutes: "Closed when idle for, minutes",
  maxConnections: "Connections at most",
  drainMinutes: "Closed after a switch to direct, minutes",
};
const FIELDS: readonly PolicyField[] = [
  "connectSeconds",
  "idleMinutes",
  "maxConnections",
  "drainMinutes",
];

const capitalise = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

interface PolicyDialogProps {
  readonly tunnel: TunnelDto;
  readonly onClose: () => void;
}

function PolicyDialog({ tunnel, onClose }: PolicyDialogProps) {
  const [form, setForm] = useState(() => toForm(tunnel.policy));
  const [isTried, setTried] = useState(false);
  const change = useChangeTunnels();
  const check = checkPolicy(form);
  const errors = check.ok || !isTried ? {} : check.errors;
  const save = (): void => {
    setTried(true);
    if (!check.ok) return;
    change.mutate({ tunnels: [tunnel], body: { policy: check.patch } }, { onSuccess: onClose });
  };
  const reset = (): void => {
    const policy = {
      connectTimeoutMs: null,
      idleTimeoutMs: null,
      maxConnections: null,
      directDrainMs: null,
    };
    change.mutate({ tunnels: [tunnel], body: { policy } }, { onSuccess: onClose });
  };
  return (
    <Dialog
      isOpen
      onOpenChange={(isOpen) => !isOpen && onClose()}
      title="Policy"
      description="Holds for connections opened from now on; the last one for those that are open when the mode becomes direct."
      width="sm"
      footer={
        <>
          <span className="mr-auto">
            <Button variant="ghost" disabled={change.isPending} onClick={reset}>
              Back to the defaults
            </Button>
          </span>
          <Button onClick={onClose}>Cancel</Button>
          <Button variant="primary" type="submit" form="policy" isBusy={change.isPending}>
            Save
          </Button>
        </>
      }
    >
      <form
        id="policy"
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          save();
        }}
      >
        {FIELDS.map((field) => (
          <Field
            key={field}
            label={LABELS[field]}
            hint={capitalise(POLICY_HINTS[field])}
            error={errors[field] ?? null}
          >
            {(control) => (
              <Input
                {...control}
                inputMode="decimal"
                value={form[field]}
                onChange={(event) => setForm({ ...form, [field]: event.target.value })}
              />
            )}
          </Field>
        ))}
      </form>
    </Dialog>
  );
}
