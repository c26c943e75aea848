"use client";

import { useEffect, useRef, useState } from "react";
import { capitalise } from "#components/lib/format.ts";
import { Button } from "#components/ui/button.tsx";
import { Dialog } from "#components/ui/dialog.tsx";
import { Field, Input, TextArea } from "#components/ui/input.tsx";
import type { TunnelDto, TunnelProtocol } from "#protocol/api/tunnels.ts";
import { checkPolicy, POLICY_HINTS, toForm, type PolicyField } from "./policy-form.ts";
import { TRAFFIC } from "./traffic-words.ts";
import { useChangeTunnels } from "./use-tunnel-actions.ts";

const FIELDS: readonly PolicyField[] = [
  "connectSeconds",
  "idleMinutes",
  "maxConnections",
  "drainMinutes",
];

/** Null goes back to what every tunnel has. */
const DEFAULTS = {
  connectTimeoutMs: null,
  idleTimeoutMs: null,
  maxConnections: null,
  directDrainMs: null,
  allowedOrigins: null,
} as const;

function labelOf(field: PolicyField, protocol: TunnelProtocol): string {
  switch (field) {
    case "connectSeconds":
      return "Service must answer within, seconds";
    case "idleMinutes":
      return "Closed when idle for, minutes";
    case "maxConnections":
      return `${capitalise(TRAFFIC[protocol].many)} at most`;
    case "drainMinutes":
      return "Closed after a switch to direct, minutes";
    case "allowedOrigins":
      return "Other sites whose pages may open WebSockets";
  }
}

interface PolicyDialogProps {
  readonly tunnel: TunnelDto;
  readonly onClose: () => void;
}

/** Every limit of a tunnel, checked before it is sent. */
export function PolicyDialog({ tunnel, onClose }: PolicyDialogProps) {
  const { protocol } = tunnel;
  const [form, setForm] = useState(() => toForm(tunnel.policy));
  /** How often it was tried to save; what is refused shows from the first time on. */
  const [tries, setTries] = useState(0);
  const element = useRef<HTMLFormElement>(null);
  const saving = useChangeTunnels();
  const resetting = useChangeTunnels();
  const check = checkPolicy(form);
  const errors = check.ok || tries === 0 ? {} : check.errors;
  // Puts the focus on what is refused: it may be out of sight.
  useEffect(() => {
    if (tries === 0) return;
    const refused = element.current?.querySelector<HTMLElement>("[aria-invalid=true]");
    refused?.parentElement?.scrollIntoView({ block: "nearest" });
    refused?.focus({ preventScroll: true });
  }, [tries]);
  const save = (): void => {
    setTries(tries + 1);
    if (!check.ok) return;
    saving.mutate({ tunnels: [tunnel], body: { policy: check.patch } }, { onSuccess: onClose });
  };
  const reset = (): void =>
    resetting.mutate({ tunnels: [tunnel], body: { policy: DEFAULTS } }, { onSuccess: onClose });
  const fields: readonly PolicyField[] =
    protocol === "http" ? [...FIELDS, "allowedOrigins"] : FIELDS;
  return (
    <Dialog
      isOpen
      onOpenChange={(isOpen) => !isOpen && onClose()}
      title="Policy"
      description={`Holds for ${TRAFFIC[protocol].many} opened from now on; the drain time for those that are open when the mode becomes direct.`}
      width="sm"
      footer={
        <>
          <span className="mr-auto">
            <Button
              variant="ghost"
              isBusy={resetting.isPending}
              isInert={saving.isPending}
              onClick={reset}
            >
              Back to the defaults
            </Button>
          </span>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            variant="primary"
            type="submit"
            form="policy"
            isBusy={saving.isPending}
            isInert={resetting.isPending}
          >
            Save
          </Button>
        </>
      }
    >
      <form
        id="policy"
        ref={element}
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          save();
        }}
      >
        {fields.map((field) => (
          <Field
            key={field}
            label={labelOf(field, protocol)}
            hint={capitalise(POLICY_HINTS[field])}
            error={errors[field] ?? null}
          >
            {(control) => (
              <PolicyControl
                control={control}
                field={field}
                value={form[field]}
                onChange={(value) => setForm({ ...form, [field]: value })}
              />
            )}
          </Field>
        ))}
      </form>
    </Dialog>
  );
}

interface PolicyControlProps {
  readonly control: Parameters<Parameters<typeof Field>[0]["children"]>[0];
  readonly field: PolicyField;
  readonly value: string;
  readonly onChange: (value: string) => void;
}

function PolicyControl({ control, field, value, onChange }: PolicyControlProps) {
  if (field === "allowedOrigins") {
    return (
      <TextArea
        {...control}
        rows={3}
        spellCheck={false}
        autoComplete="off"
        className="mono"
        value={value}
        onChange={(event) => onChange(event.target.value)}
      />
    );
  }
  return (
    <Input
      {...control}
      inputMode="decimal"
      value={value}
      onChange={(event) => onChange(event.target.value)}
    />
  );
}
