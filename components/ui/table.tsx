import type { ComponentProps, ReactNode } from "react";
import { cn } from "#components/lib/cn.ts";

interface TableProps {
  /** Says what the table holds; read aloud, not shown. */
  readonly caption: string;
  readonly children: ReactNode;
  readonly className?: string;
}

/** Scrolls sideways inside its card rather than breaking the page. */
export function Table({ caption, children, className }: TableProps) {
  return (
    // Focusable, so that a keyboard can scroll it.
    <div
      role="region"
      aria-label={caption}
      // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
      tabIndex={0}
      className="overflow-x-auto rounded-b-lg -outline-offset-2"
    >
      <table className={cn("w-full border-collapse", className)}>
        <caption className="sr-only">{caption}</caption>
        {children}
      </table>
    </div>
  );
}

export function TableHead({ children }: { readonly children: ReactNode }) {
  return (
    <thead>
      <tr className="border-b border-line">{children}</tr>
    </thead>
  );
}

export function TableBody({ children }: { readonly children: ReactNode }) {
  return <tbody>{children}</tbody>;
}

export function TableRow({ className, ...rest }: ComponentProps<"tr">) {
  return (
    <tr
      {...rest}
      className={cn(
        "border-b border-line transition-colors duration-75 last:border-0 hover:bg-raised/55 aria-selected:bg-accent-soft/50",
        className,
      )}
    />
  );
}

interface CellLook {
  /** Numbers stand at the right. */
  readonly isNumber?: boolean;
  /** Left out below 768 px. */
  readonly isWide?: boolean;
}

export function Th({ isNumber, isWide, className, ...rest }: CellLook & ComponentProps<"th">) {
  return (
    <th
      scope="col"
      {...rest}
      className={cn(
        "whitespace-nowrap px-3 py-2 text-xs font-normal text-muted md:px-4",
        isNumber === true ? "text-right" : "text-left",
        isWide === true && "hidden md:table-cell",
        className,
      )}
    />
  );
}

export function Td({ isNumber, isWide, className, ...rest }: CellLook & ComponentProps<"td">) {
  return (
    <td
      {...rest}
      className={cn(
        "whitespace-nowrap px-3 py-[9px] md:px-4",
        isNumber === true && "text-right",
        isWide === true && "hidden md:table-cell",
        className,
      )}
    />
  );
}
