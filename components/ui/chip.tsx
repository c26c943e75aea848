import type { LucideIcon } from "lucide-react";
import type { ReactNode } from "react";
import { cn } from "#components/lib/cn.ts";
import { Icon } from "./icon.tsx";
import type { Tone } from "./tone.ts";

const TONES: Record<Tone, string> = {
  neutral: "bg-raised text-muted",
  accent: "bg-accent-soft text-accent",
  info: "bg-info-soft text-info",
  success: "bg-success-soft text-success",
  warning: "bg-warning-soft text-warning",
  danger: "bg-danger-soft text-danger",
};

interface ChipProps {
  readonly children: ReactNode;
  readonly tone?: Tone;
  readonly icon?: LucideIcon;
  readonly title?: string;
}

export function Chip({ children, tone = "neutral", icon, title }: ChipProps) {
  return (
    <span
      title={title}
      className={cn(
        "inline-flex h-[22px] items-center gap-1.5 whitespace-nowrap rounded-[5px] px-2 text-xs font-medium",
        TONES[tone],
      )}
    >
      {icon && <Icon icon={icon} size={13} />}
      {children}
    </span>
  );
}
