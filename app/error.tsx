"use client";

import { ErrorState } from "#components/ui/error-state.tsx";

interface ErrorPageProps {
  readonly error: Error & { digest?: string };
  readonly reset: () => void;
}

export default function ErrorPage({ error, reset }: ErrorPageProps) {
  return (
    <main className="grid min-h-[60vh] place-items-center">
      <ErrorState
        title="This page could not be shown"
        message="Something went wrong on our side. Tunnels and connections are not affected."
        requestId={error.digest ?? null}
        onRetry={reset}
      />
    </main>
  );
}
