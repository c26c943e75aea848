"use client";

import { Switch as RadixSwitch } from "radix-ui";
import { useId, type ReactNode } from "react";
import { cn } from "#components/lib/cn.ts";

interface SwitchProps {
  readonly isOn: boolean;
  readonly onChange: (isOn: boolean) => void;
  readonly label: string;
  /** A line below the label: what it does. */
  readonly hint?: ReactNode;
  /** It is not for this person. */
  readonly isDisabled?: boolean;
  /** The change is under way: it takes no second one, and keeps the focus, which a disabled control would lose. */
  readonly isBusy?: boolean;
  /** `warning` for switches that override something. */
  readonly tone?: "accent" | "warning";
  /** The label is read aloud only. */
  readonly isLabelHidden?: boolean;
}

/** On or off, at once. The label stands left, the switch right. */
export function Switch(props: SwitchProps) {
  const { isOn, onChange, label, hint, tone = "accent" } = props;
  const { isDisabled = false, isBusy = false } = props;
  const id = useId();
  return (
    <div className="flex items-center justify-between gap-4">
      <div className={cn("min-w-0", props.isLabelHidden && "sr-only")}>
        <label htmlFor={id} className="block font-medium">
          {label}
        </label>
        {hint !== undefined && (
          <p id={`${id}-hint`} className="text-xs text-muted">
            {hint}
          </p>
        )}
      </div>
      <RadixSwitch.Root
        id={id}
        checked={isOn}
        onCheckedChange={(next) => {
          if (!isBusy) onChange(next);
        }}
        disabled={isDisabled}
        aria-disabled={isBusy || undefined}
        {...(hint === undefined ? {} : { "aria-describedby": `${id}-hint` })}
        className={cn(
          "relative h-[18px] w-8 shrink-0 rounded-full bg-control transition-colors duration-100 disabled:opacity-50 aria-disabled:opacity-50",
          tone === "warning" ? "data-[state=checked]:bg-warning" : "data-[state=checked]:bg-accent",
        )}
      >
        <RadixSwitch.Thumb className="block size-3.5 translate-x-0.5 rounded-full bg-knob transition-transform duration-100 data-[state=checked]:translate-x-4" />
      </RadixSwitch.Root>
    </div>
  );
}
