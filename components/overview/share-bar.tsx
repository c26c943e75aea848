import { cn } from "#components/lib/cn.ts";

type ShareTone = "success" | "warning" | "danger" | "off";

export interface Share {
  readonly tone: ShareTone;
  readonly count: number;
  readonly word: string;
}

const FILLS: Record<ShareTone, string> = {
  success: "bg-success",
  warning: "bg-warning",
  danger: "bg-danger",
  off: "bg-control",
};

interface ShareBarProps {
  readonly label: string;
  readonly shares: readonly Share[];
}

/** How a whole is divided, as one thin bar. */
export function ShareBar({ label, shares }: ShareBarProps) {
  const present = shares.filter(({ count }) => count > 0);
  const words = present.map(({ count, word }) => `${count} ${word}`).join(", ");
  return (
    <div
      role="img"
      aria-label={`${label}: ${words === "" ? "none" : words}`}
      title={words}
      className="relative z-10 mb-2 flex h-1.5 w-[84px] gap-0.5"
    >
      {present.length === 0 && <span className="flex-1 rounded-full bg-raised" />}
      {present.map(({ tone, count }) => (
        <span
          key={tone}
          className={cn("min-w-1 rounded-full", FILLS[tone])}
          style={{ flexGrow: count }}
        />
      ))}
    </div>
  );
}
