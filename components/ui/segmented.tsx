import type { LucideIcon } from "lucide-react";
import { useId } from "react";
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
  /** The change is under way: it takes no second one, and keeps the focus, which disabled controls would lose. */
  readonly isBusy?: boolean;
  /** Fills the width, all segments alike. */
  readonly isWide?: boolean;
}

/** One of a few, all visible. Native radio buttons, so arrow keys work as everywhere. */
export function Segmented<V extends string>(props: SegmentedProps<V>) {
  const { label, value, options, onChange, size = "md", isWide = false, isBusy = false } = props;
  const name = useId();
  return (
    <div
      role="radiogroup"
      aria-label={label}
      className={cn(
        "gap-0.5 rounded-lg bg-raised",
        size === "sm" ? "p-0.5" : "p-[3px]",
        isWide ? "flex" : "inline-flex",
      )}
    >
      {options.map((option) => (
        <label
          key={option.value}
          className={cn(
            "relative inline-flex items-center justify-center gap-1.5 whitespace-nowrap rounded-md font-medium text-muted transition-colors duration-100 hover:text-fg has-checked:bg-surface has-checked:text-fg has-checked:shadow-[0_0_0_1px_var(--line),var(--shadow-card)] has-disabled:opacity-50 has-aria-disabled:opacity-50 has-focus-visible:outline-2 has-focus-visible:outline-accent",
            size === "sm" ? "h-6 px-2.5 text-xs" : "h-7 px-3 text-sm",
            isWide && "flex-1",
          )}
        >
          {/* Over the whole segment, so that what is clicked is the control itself. */}
          <input
            type="radio"
            name={name}
            value={option.value}
            checked={option.value === value}
            disabled={option.isDisabled ?? false}
            aria-disabled={isBusy || undefined}
            onChange={() => {
              if (!isBusy) onChange(option.value);
            }}
            className="absolute inset-0 cursor-pointer appearance-none rounded-md opacity-0 disabled:cursor-not-allowed aria-disabled:cursor-not-allowed"
          />
          {option.icon && <Icon icon={option.icon} />}
          {option.label}
        </label>
      ))}
    </div>
  );
}
