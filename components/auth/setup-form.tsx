"use client";

import { useState, type FormEvent } from "react";
import { apiRequest, ApiError } from "#components/lib/api-client.ts";
import { formText } from "#components/lib/form-text.ts";
import { NoContent } from "#components/lib/no-content.ts";
import { Button } from "#components/ui/button.tsx";
import { Field, Input } from "#components/ui/input.tsx";
import { ClusterPage } from "#protocol/api/clusters.ts";
import { PASSWORD_LENGTH_MAX, PASSWORD_LENGTH_MIN, SetupBody } from "#protocol/api/session.ts";
import { AuthCard, AuthProblem } from "./auth-card.tsx";

type FieldErrors = Partial<Record<keyof SetupBody, string>>;

const SENTENCES: FieldErrors = {
  name: "Tell us what to call you.",
  email: "This is not an e-mail address.",
  password: `Use at least ${PASSWORD_LENGTH_MIN} characters.`,
  token: "This link is not complete. Copy it again from the terminal.",
};

/** Straight to the demo where there is one, to adding a cluster where there is nothing yet. */
async function firstPage(): Promise<string> {
  try {
    const { items } = await apiRequest(ClusterPage, "/api/v1/clusters?limit=1");
    return items.length > 0 ? "/" : "/clusters/new";
  } catch {
    // The overview finds out by itself, and says what is wrong.
    return "/";
  }
}

/** The first administrator. */
export function SetupForm({ token }: { readonly token: string }) {
  const [problem, setProblem] = useState<string | null>(null);
  const [errors, setErrors] = useState<FieldErrors>({});
  const [isBusy, setBusy] = useState(false);

  const submit = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const parsed = SetupBody.safeParse({
      token,
      name: formText(form, "name"),
      email: formText(form, "email").trim(),
      password: formText(form, "password"),
    });
    setProblem(null);
    setErrors(parsed.success ? {} : toFieldErrors(parsed.error.issues));
    if (!parsed.success) return;
    setBusy(true);
    try {
      await apiRequest(NoContent, "/api/v1/setup", { method: "POST", body: parsed.data });
      window.location.assign(await firstPage());
    } catch (error) {
      setProblem(toProblem(error));
      setBusy(false);
    }
  };

  return (
    <AuthCard title="Welcome" lead="Make the first administrator. This link works once.">
      <form noValidate onSubmit={(event) => void submit(event)} className="flex flex-col gap-4">
        {(problem ?? errors.token) !== undefined && (problem ?? errors.token) !== null && (
          <AuthProblem>{problem ?? errors.token}</AuthProblem>
        )}
        <Field label="Name" error={errors.name ?? null}>
          {(control) => <Input {...control} name="name" autoComplete="name" required />}
        </Field>
        <Field label="E-mail" error={errors.email ?? null}>
          {(control) => (
            <Input {...control} name="email" type="email" autoComplete="username" required />
          )}
        </Field>
        <Field
          label="Password"
          hint={`At least ${PASSWORD_LENGTH_MIN} characters.`}
          error={errors.password ?? null}
        >
          {(control) => (
            <Input
              {...control}
              name="password"
              type="password"
              autoComplete="new-password"
              maxLength={PASSWORD_LENGTH_MAX}
              required
            />
          )}
        </Field>
        <Button type="submit" variant="primary" isBusy={isBusy}>
          Create administrator
        </Button>
      </form>
    </AuthCard>
  );
}

function toFieldErrors(issues: readonly { readonly path: readonly PropertyKey[] }[]): FieldErrors {
  const found: FieldErrors = {};
  for (const { path } of issues) {
    for (const name of Object.keys(SENTENCES) as (keyof SetupBody)[]) {
      if (path[0] === name && SENTENCES[name] !== undefined) found[name] = SENTENCES[name];
    }
  }
  return found;
}

function toProblem(error: unknown): string {
  if (!(error instanceof ApiError)) return "The administrator could not be created.";
  if (error.code === "not_found" || error.code === "conflict") {
    return "This link was used already, or is too old. The server prints a new one when it starts.";
  }
  return error.message;
}
