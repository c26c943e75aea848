import type { ComponentProps } from "react";
import { cn } from "#components/lib/cn.ts";

interface CheckboxProps extends Omit<ComponentProps<"input">, "type"> {
  /** Accessible name; nothing is shown beside the box. */
  readonly label: string;
}

export function Checkbox({ label, className, ...rest }: CheckboxProps) {
  return (
    <input
      {...rest}
      type="checkbox"
      aria-label={label}
      className={cn("size-4 cursor-pointer rounded-sm align-middle accent-accent", className)}
    />
  );
}
