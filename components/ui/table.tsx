import type { ComponentProps, ReactNode } from "react";
import { cn } from "#components/lib/cn.ts";

interface TableProps {
  /** Says what the table holds; read aloud, not shown. */
  readonly caption: string;
  readonly children: ReactNode;
  readonly className?: string;
  /**
   * Below 768 px every row becomes a card with its cells under each other; give `Td` a `label` then.
   * Without it the table scrolls sideways inside its card.
   */
  readonly isStacked?: boolean;
}

/** Never breaks the page: it stacks or scrolls inside its card. */
export function Table({ caption, children, className, isStacked = false }: TableProps) {
  return (
    // Focusable, so that a keyboard can scroll it. Positioned, so that hidden texts stay inside.
    <div
      role="group"
      aria-label={caption}
      // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
      tabIndex={0}
      className="relative overflow-x-auto rounded-b-lg -outline-offset-2"
    >
      {/* The roles are said aloud because a changed `display` would take them away. */}
      <table
        role="table"
        data-stacked={isStacked || undefined}
        className={cn("group/table w-full border-collapse", isStacked && "max-md:block", className)}
      >
        <caption className="sr-only">{caption}</caption>
        {children}
      </table>
    </div>
  );
}

export function TableHead({ children }: { readonly children: ReactNode }) {
  return (
    <thead className="max-md:group-data-stacked/table:sr-only">
      <tr role="row" className="border-b border-line">
        {children}
      </tr>
    </thead>
  );
}

export function TableBody({ children }: { readonly children: ReactNode }) {
  return <tbody className="max-md:group-data-stacked/table:block">{children}</tbody>;
}

export function TableRow({ className, ...rest }: ComponentProps<"tr">) {
  return (
    <tr
      role="row"
      {...rest}
      className={cn(
        "border-b border-line transition-colors duration-75 last:border-0 hover:bg-raised/55 aria-selected:bg-accent-soft/50",
        "max-md:group-data-stacked/table:block max-md:group-data-stacked/table:py-2",
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
      role="columnheader"
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

interface TdProps extends CellLook, ComponentProps<"td"> {
  /** The column's heading, shown beside the value where rows are stacked. */
  readonly label?: string;
}

export function Td({ isNumber, isWide, label, className, ...rest }: TdProps) {
  return (
    <td
      // eslint-disable-next-line jsx-a11y/no-interactive-element-to-noninteractive-role
      role="cell"
      data-label={label}
      {...rest}
      className={cn(
        "whitespace-nowrap px-3 py-[9px] md:px-4",
        "max-md:group-data-stacked/table:flex max-md:group-data-stacked/table:justify-between max-md:group-data-stacked/table:gap-4 max-md:group-data-stacked/table:px-4 max-md:group-data-stacked/table:py-1 max-md:group-data-stacked/table:text-right max-md:group-data-stacked/table:empty:hidden",
        label !== undefined &&
          "max-md:group-data-stacked/table:before:font-sans max-md:group-data-stacked/table:before:text-sm max-md:group-data-stacked/table:before:text-muted max-md:group-data-stacked/table:before:content-[attr(data-label)]",
        isNumber === true && "text-right",
        isWide === true && "hidden md:table-cell",
        className,
      )}
    />
  );
}
