import type { ReactNode } from "react";

interface AuthCardProps {
  readonly title: string;
  readonly lead?: string;
  readonly children: ReactNode;
}

export function AuthCard({ title, lead, children }: AuthCardProps) {
  return (
    <section className="rounded-xl border border-line bg-surface p-6 shadow-card">
      <h1>{title}</h1>
      {lead !== undefined && <p className="mt-1 text-sm text-muted">{lead}</p>}
      <div className="mt-5">{children}</div>
    </section>
  );
}

/** Why it did not work. */
export function AuthProblem({ children }: { readonly children: ReactNode }) {
  return (
    <p role="alert" className="rounded-md bg-danger-soft px-3 py-2 text-sm text-danger">
      {children}
    </p>
  );
}
