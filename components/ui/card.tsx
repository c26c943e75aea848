import type { ReactNode } from "react";
import { cn } from "#components/lib/cn.ts";

interface CardProps {
  readonly children: ReactNode;
  /** Accessible name, where the card has no heading of its own. */
  readonly label?: string;
  readonly className?: string;
}

/** A quiet surface with a border. */
export function Card({ children, label, className }: CardProps) {
  return (
    <section
      {...(label === undefined ? {} : { "aria-label": label })}
      className={cn("min-w-0 rounded-lg border border-line bg-surface shadow-card", className)}
    >
      {children}
    </section>
  );
}

interface CardHeaderProps {
  readonly title: ReactNode;
  /** Beside the title: a count, a legend. */
  readonly children?: ReactNode;
  /** At the right end. */
  readonly actions?: ReactNode;
}

export function CardHeader({ title, children, actions }: CardHeaderProps) {
  return (
    <header className="flex min-h-13 flex-wrap items-center gap-x-3 gap-y-2 border-b border-line px-4 py-2.5">
      <h2>{title}</h2>
      {children}
      {actions !== undefined && (
        <div className="ml-auto flex flex-wrap items-center gap-2">{actions}</div>
      )}
    </header>
  );
}

interface CardBodyProps {
  readonly children: ReactNode;
  readonly className?: string;
}

export function CardBody({ children, className }: CardBodyProps) {
  return <div className={cn("p-4", className)}>{children}</div>;
}
