"use client";

import { useCallback, useEffect, useRef, useState } from "react";
import { apiRequest, ApiError } from "#components/lib/api-client.ts";
import { NoContent } from "#components/lib/no-content.ts";
import { Button, ButtonLink } from "#components/ui/button.tsx";
import { CodeLine } from "#components/ui/code-line.tsx";
import { AuthCard, AuthProblem } from "./auth-card.tsx";

const SPENT = "This link was used already, or is too old.";

interface SignInLinkProps {
  readonly token: string;
  /** What prints a new link on the server's machine. */
  readonly linkCommand: string;
}

/** Redeems a one-time link: at once where scripts run, by the button where they were late. */
export function SignInLink({ token, linkCommand }: SignInLinkProps) {
  const [problem, setProblem] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);
  const isStarted = useRef(false);

  const redeem = useCallback(async (): Promise<void> => {
    setBusy(true);
    setProblem(null);
    try {
      await apiRequest(NoContent, "/api/v1/sign-in-link", { method: "POST", body: { token } });
      window.location.replace("/");
    } catch (error) {
      const isSpent = !(error instanceof ApiError) || !error.retryable;
      setProblem(isSpent ? SPENT : error.message);
      setBusy(false);
    }
  }, [token]);

  // Uses the link as soon as a person's browser shows the page, and once only: effects may run twice.
  useEffect(() => {
    if (isStarted.current) return;
    isStarted.current = true;
    void redeem();
  }, [redeem]);

  return (
    <AuthCard title="Sign in" lead="With the one-time link from the terminal.">
      <div className="flex flex-col gap-4">
        {problem !== null && <AuthProblem>{problem}</AuthProblem>}
        {problem === SPENT ? (
          <div className="flex flex-col gap-2">
            <p className="text-xs text-muted">
              Whoever can use the server&apos;s terminal gets a new one:
            </p>
            <CodeLine text={linkCommand} what="command" />
          </div>
        ) : (
          <Button variant="primary" isBusy={isBusy} onClick={() => void redeem()}>
            Sign in
          </Button>
        )}
        {problem !== null && <ButtonLink href="/sign-in">Use a password instead</ButtonLink>}
      </div>
    </AuthCard>
  );
}
