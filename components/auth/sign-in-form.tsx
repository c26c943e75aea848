"use client";

import { useState, type FormEvent } from "react";
import { formText } from "#components/lib/form-text.ts";
import { Button } from "#components/ui/button.tsx";
import { CodeLine } from "#components/ui/code-line.tsx";
import { Field, Input } from "#components/ui/input.tsx";
import { signIn, SignInError } from "./auth-client.ts";
import { AuthCard, AuthProblem } from "./auth-card.tsx";

interface SignInFormProps {
  readonly returnPath: string;
  /** What prints a one-time link on the server's machine. */
  readonly linkCommand: string;
}

export function SignInForm({ returnPath, linkCommand }: SignInFormProps) {
  const [problem, setProblem] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);

  const submit = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    setBusy(true);
    setProblem(null);
    try {
      await signIn(formText(form, "email").trim(), formText(form, "password"));
      // A whole navigation: the server renders everything anew, for the person now known.
      window.location.assign(returnPath);
    } catch (error) {
      setProblem(error instanceof SignInError ? error.message : "Signing in did not work.");
      setBusy(false);
    }
  };

  return (
    <AuthCard title="Sign in">
      <form onSubmit={(event) => void submit(event)} className="flex flex-col gap-4">
        {problem !== null && <AuthProblem>{problem}</AuthProblem>}
        <Field label="E-mail">
          {(control) => (
            <Input {...control} name="email" type="email" autoComplete="username" required />
          )}
        </Field>
        <Field label="Password">
          {(control) => (
            <Input
              {...control}
              name="password"
              type="password"
              autoComplete="current-password"
              required
            />
          )}
        </Field>
        <Button type="submit" variant="primary" isBusy={isBusy}>
          Sign in
        </Button>
        <div className="flex flex-col gap-2">
          <p className="text-xs text-muted">
            No password? Whoever can use the server&apos;s terminal gets a link that signs in:
          </p>
          <CodeLine text={linkCommand} what="command" />
        </div>
      </form>
    </AuthCard>
  );
}
