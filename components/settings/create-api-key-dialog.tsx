"use client";

import { useState } from "react";
import { Button } from "#components/ui/button.tsx";
import { Dialog } from "#components/ui/dialog.tsx";
import { ExpiryField } from "#components/ui/expiry-field.tsx";
import { Field, Input, Select } from "#components/ui/input.tsx";
import { SecretOnce } from "#components/ui/secret-once.tsx";
import { DisplayName, Role } from "#protocol/api/common.ts";
import { useCreateApiKey } from "./use-api-keys.ts";

const ROLE_NOTES: Record<Role, string> = {
  admin: "Everything, keys and people included",
  operator: "Change clusters and tunnels, close connections",
  viewer: "Read only",
};

interface CreateApiKeyDialogProps {
  readonly isOpen: boolean;
  readonly onOpenChange: (isOpen: boolean) => void;
}

/** Asks for name, role and expiry, then shows the key once. */
export function CreateApiKeyDialog({ isOpen, onOpenChange }: CreateApiKeyDialogProps) {
  const [name, setName] = useState("");
  const [role, setRole] = useState<Role>("operator");
  const [days, setDays] = useState<number | null>(90);
  const [problem, setProblem] = useState<string | null>(null);
  const [key, setKey] = useState<string | null>(null);
  const create = useCreateApiKey((created) => setKey(created.key));

  const change = (next: boolean): void => {
    onOpenChange(next);
    if (next) return;
    setKey(null);
    setName("");
    setProblem(null);
  };
  const submit = (): void => {
    const parsed = DisplayName.safeParse(name);
    setProblem(
      parsed.success ? null : `The name ${parsed.error.issues[0]?.message ?? "is wrong"}.`,
    );
    if (!parsed.success) return;
    create.mutate({ name: parsed.data, role, ...(days !== null && { expiresInDays: days }) });
  };
  return (
    <Dialog
      isOpen={isOpen}
      onOpenChange={change}
      title={key === null ? "Create an API key" : "Your new API key"}
      {...(key !== null && { description: "Send it as Authorization: Bearer … to /api/v1." })}
      footer={
        key === null ? (
          <>
            <Button onClick={() => change(false)}>Cancel</Button>
            <Button variant="primary" isBusy={create.isPending} onClick={submit}>
              Create API key
            </Button>
          </>
        ) : (
          <Button variant="primary" onClick={() => change(false)}>
            Done
          </Button>
        )
      }
    >
      {key === null ? (
        <div className="flex flex-col gap-4">
          <Field label="Name" hint="What uses it, for example backup-job." error={problem}>
            {(control) => (
              <Input
                {...control}
                value={name}
                maxLength={63}
                autoComplete="off"
                onChange={({ target }) => setName(target.value)}
              />
            )}
          </Field>
          <Field label="Role" hint={ROLE_NOTES[role]}>
            {(control) => (
              <Select
                {...control}
                value={role}
                className="capitalize"
                onChange={({ target }) => setRole(Role.parse(target.value))}
              >
                {Role.options.map((option) => (
                  <option key={option} value={option}>
                    {option}
                  </option>
                ))}
              </Select>
            )}
          </Field>
          <ExpiryField days={days} onChange={setDays} />
        </div>
      ) : (
        <SecretOnce secret={key} what="key" />
      )}
    </Dialog>
  );
}
