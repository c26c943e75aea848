import { cn } from "#components/lib/cn.ts";

/** The shape of what comes; appears only after 200 ms. */
export function Skeleton({ className }: { readonly className?: string }) {
  return (
    <span
      aria-hidden="true"
      className={cn("block animate-appear rounded-sm bg-raised", className ?? "h-4 w-full")}
    />
  );
}

interface SkeletonRowsProps {
  readonly rows?: number;
  /** Read aloud while waiting. */
  readonly label?: string;
}

/** Rows of a list or table that is on its way. */
export function SkeletonRows({ rows = 4, label = "Loading" }: SkeletonRowsProps) {
  return (
    <div role="status" aria-label={label}>
      {Array.from({ length: rows }, (_, index) => (
        <div
          key={index}
          className="flex items-center gap-4 border-b border-line px-4 py-3.5 last:border-0"
        >
          <Skeleton className="h-3.5 w-1/4" />
          <Skeleton className="h-3.5 w-1/6" />
          <Skeleton className="ml-auto h-3.5 w-1/12" />
        </div>
      ))}
    </div>
  );
}
