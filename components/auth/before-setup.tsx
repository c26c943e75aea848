import { AuthCard } from "./auth-card.tsx";

/** In place of the form while nobody exists who could sign in. */
export function BeforeSetup() {
  return (
    <AuthCard title="No administrator yet">
      <div className="flex flex-col gap-4 text-sm">
        <p>
          When this server started, it printed a set-up link on its terminal. Open that link to make
          the first administrator.
        </p>
        <p className="text-xs text-muted">
          The link works for an hour. A restart of the server prints a new one.
        </p>
      </div>
    </AuthCard>
  );
}
