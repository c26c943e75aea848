import type { LucideIcon } from "lucide-react";

interface IconProps {
  readonly icon: LucideIcon;
  /** Pixels. */
  readonly size?: 12 | 13 | 14 | 16 | 20 | 24;
  /** Give one when no text stands beside it. */
  readonly label?: string;
}

/** A lucide icon in our weight; decoration unless it has a label. */
export function Icon({ icon: Glyph, size = 16, label }: IconProps) {
  return (
    <Glyph
      size={size}
      strokeWidth={1.75}
      className="shrink-0"
      {...(label === undefined ? { "aria-hidden": true } : { role: "img", "aria-label": label })}
    />
  );
}
