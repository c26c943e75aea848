"use client";

import type { LucideIcon } from "lucide-react";
import { ToggleGroup } from "radix-ui";
import { cn } from "#components/lib/cn.ts";
import { Icon } from "./icon.tsx";

export interface SegmentedOption<V extends string> {
  readonly value: V;
  readonly label: string;
  readonly icon?: LucideIcon;
  readonly isDisabled?: boolean;
}

interface SegmentedProps<V extends string> {
  /** Accessible name of the group. */
  readonly label: string;
  readonly value: V;
  readonly options: readonly SegmentedOption<V>[];
  readonly onChange: (value: V) => void;
  readonly size?: "md" | "sm";
  /** Fills the width, all segments alike. */
  readonly isWide?: boolean;
}

/** One of a few, all visible. */
export function Segmented<V extends string>(props: SegmentedProps<V>) {
  const { label, value, options, onChange, size = "md", isWide = false } = props;
  const change = (next: string): void => {
    const found = options.find((option) => option.value === next);
    if (found) onChange(found.value);
  };
  return (
    <ToggleGroup.Root
      type="single"
      value={value}
      onValueChange={change}
      aria-label={label}
      className={cn(
        "gap-0.5 rounded-lg bg-raised",
        size === "sm" ? "p-0.5" : "p-[3px]",
        isWide ? "flex" : "inline-flex",
      )}
    >
      {options.map((option) => (
        <ToggleGroup.Item
          key={option.value}
          value={option.value}
          disabled={option.isDisabled ?? false}
          className={cn(
            "inline-flex items-center justify-center gap-1.5 whitespace-nowrap rounded-md font-medium text-muted transition-colors duration-100 hover:text-fg disabled:opacity-50 data-[state=on]:bg-surface data-[state=on]:text-fg data-[state=on]:shadow-[0_0_0_1px_var(--line),var(--shadow-card)]",
            size === "sm" ? "h-6 px-2.5 text-xs" : "h-7 px-3 text-sm",
            isWide && "flex-1",
          )}
        >
          {option.icon && <Icon icon={option.icon} />}
          {option.label}
        </ToggleGroup.Item>
      ))}
    </ToggleGroup.Root>
  );
}
