import { useId, type ReactNode } from "react";
import { cn } from "#components/lib/cn.ts";

interface FigureGroupProps {
  readonly title: string;
  readonly children: ReactNode;
}

/** Figures of one thing, side by side. */
export function FigureGroup({ title, children }: FigureGroupProps) {
  const id = useId();
  return (
    <section aria-labelledby={id} className="min-w-0 flex-1 px-4 py-3.5">
      <h2 id={id} className="text-xs font-normal text-muted">
        {title}
      </h2>
      <dl className="mt-2 flex flex-wrap gap-x-7 gap-y-2">{children}</dl>
    </section>
  );
}

interface FigureProps {
  /** Below the value: what is counted, or by what measure. */
  readonly name: string;
  readonly value: string;
  readonly isBad?: boolean;
}

export function Figure({ name, value, isBad = false }: FigureProps) {
  return (
    <div className="flex flex-col-reverse whitespace-nowrap">
      <dt className="text-xs text-muted">{name}</dt>
      <dd className={cn("text-lg font-[560] tracking-[-0.02em]", isBad && "text-danger")}>
        {value}
      </dd>
    </div>
  );
}

/** Groups beside each other, or under each other where the page is narrow. */
export function FigureRow({ children }: { readonly children: ReactNode }) {
  return (
    <div className="flex flex-col divide-y divide-line sm:flex-row sm:divide-x sm:divide-y-0">
      {children}
    </div>
  );
}
