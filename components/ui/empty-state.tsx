import type { LucideIcon } from "lucide-react";
import type { ReactNode } from "react";
import { Icon } from "./icon.tsx";

interface EmptyStateProps {
  /** One sentence. */
  readonly title: string;
  /** The next step, in words. */
  readonly children?: ReactNode;
  readonly icon?: LucideIcon;
  /** The next step, as a button. */
  readonly action?: ReactNode;
}

export function EmptyState({ title, children, icon, action }: EmptyStateProps) {
  return (
    <div className="flex flex-col items-center gap-1 px-6 py-10 text-center">
      {icon && (
        <span className="mb-2 grid size-9 place-items-center rounded-lg bg-raised text-muted">
          <Icon icon={icon} />
        </span>
      )}
      <p className="font-medium">{title}</p>
      {children !== undefined && <div className="max-w-[52ch] text-sm text-muted">{children}</div>}
      {action !== undefined && <div className="mt-3">{action}</div>}
    </div>
  );
}
