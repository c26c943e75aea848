import { useId, type ComponentProps, type ReactNode } from "react";
import { cn } from "#components/lib/cn.ts";

export const CONTROL_CLASS =
  "h-8 w-full min-w-0 rounded-md border border-line-strong bg-surface px-2.5 text-sm text-fg placeholder:text-faint disabled:opacity-50 aria-invalid:border-danger";

export function Input({ className, ...rest }: ComponentProps<"input">) {
  return <input {...rest} className={cn(CONTROL_CLASS, className)} />;
}

export function TextArea({ className, ...rest }: ComponentProps<"textarea">) {
  return <textarea {...rest} className={cn(CONTROL_CLASS, "h-auto py-1.5", className)} />;
}

export function Select({ className, ...rest }: ComponentProps<"select">) {
  return <select {...rest} className={cn(CONTROL_CLASS, "pr-7", className)} />;
}

interface FieldProps {
  readonly label: string;
  readonly hint?: ReactNode;
  /** Why the value is refused. */
  readonly error?: string | null;
  /** Receives what ties the control to its label, hint and error. */
  readonly children: (control: {
    id: string;
    "aria-invalid": boolean;
    "aria-describedby": string | undefined;
  }) => ReactNode;
}

/** A label, a control, and a line that helps or refuses. */
export function Field({ label, hint, error, children }: FieldProps) {
  const id = useId();
  const hasError = typeof error === "string" && error !== "";
  const hasHint = hint !== undefined && hint !== null;
  return (
    <div className="flex flex-col gap-1.5">
      <label htmlFor={id} className="text-sm font-medium">
        {label}
      </label>
      {children({
        id,
        "aria-invalid": hasError,
        "aria-describedby": hasError ? `${id}-error` : hasHint ? `${id}-hint` : undefined,
      })}
      {hasError && (
        <p id={`${id}-error`} role="alert" className="text-xs text-danger">
          {error}
        </p>
      )}
      {!hasError && hasHint && (
        <p id={`${id}-hint`} className="text-xs text-muted">
          {hint}
        </p>
      )}
    </div>
  );
}
