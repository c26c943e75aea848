"use client";

import { useVirtualizer } from "@tanstack/react-virtual";
import { ArrowDown, ArrowUp } from "lucide-react";
import { memo, useImperativeHandle, useRef, type ReactNode, type Ref } from "react";
import { cn } from "#components/lib/cn.ts";
import { Icon } from "#components/ui/icon.tsx";

export interface Column<T> {
  readonly id: string;
  readonly header: ReactNode;
  readonly cell: (row: T) => ReactNode;
  /** A width such as `w-40`; columns without one share the rest. */
  readonly width?: string;
  readonly isNumber?: boolean;
  /** A class such as `hidden lg:table-cell`. */
  readonly visibility?: string;
  readonly sort?: {
    readonly direction: "ascending" | "descending" | "none";
    readonly onSort: () => void;
  };
}

export interface VirtualTableHandle {
  /** Brings a row into view and puts the focus on its link or button. */
  readonly focusRow: (index: number) => void;
  /** The row that holds the focus; -1 when none does. */
  readonly focusedRow: () => number;
}

interface VirtualTableProps<T> {
  readonly caption: string;
  readonly rows: readonly T[];
  readonly columns: readonly Column<T>[];
  readonly rowHeight: number;
  readonly isSelected?: (row: T) => boolean;
  readonly onHover?: (isOver: boolean) => void;
  readonly onRowClick?: (row: T) => void;
  readonly handle?: Ref<VirtualTableHandle>;
  /** Below which the table stops growing and scrolls inside itself. */
  readonly maxHeight?: string;
  readonly minWidth?: string;
}

const OVERSCAN_ROWS = 12;

/** A table that draws only the rows on show: thousands scroll as smoothly as ten. */
export function VirtualTable<T extends { readonly id: string }>(props: VirtualTableProps<T>) {
  const { caption, rows, columns, rowHeight, isSelected, onHover, onRowClick, handle } = props;
  const box = useRef<HTMLDivElement>(null);
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => box.current,
    estimateSize: () => rowHeight,
    overscan: OVERSCAN_ROWS,
    getItemKey: (index) => rows[index]?.id ?? index,
    initialRect: { width: 1_000, height: 800 },
  });
  /** On its way to the focus: keys may come faster than rows are drawn. */
  const wanted = useRef<number | null>(null);
  useImperativeHandle(handle, () => ({
    focusRow: (index) => {
      wanted.current = index;
      virtualizer.scrollToIndex(index);
      // The row may have to be drawn first.
      requestAnimationFrame(() =>
        requestAnimationFrame(() => {
          if (wanted.current !== index) return;
          wanted.current = null;
          box.current
            ?.querySelector<HTMLElement>(`[data-index="${index}"] :is(a, button)`)
            ?.focus();
        }),
      );
    },
    focusedRow: () => {
      if (wanted.current !== null) return wanted.current;
      const row = document.activeElement?.closest<HTMLElement>("[data-index]");
      return row != null && box.current?.contains(row) ? Number(row.dataset["index"]) : -1;
    },
  }));
  const items = virtualizer.getVirtualItems();
  const before = items[0]?.start ?? 0;
  const after = virtualizer.getTotalSize() - (items.at(-1)?.end ?? 0);
  return (
    <div
      ref={box}
      role="region"
      aria-label={caption}
      // Focusable, so that a keyboard can scroll it.
      // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
      tabIndex={0}
      style={{ maxHeight: props.maxHeight ?? "max(340px, calc(100dvh - 216px))" }}
      className="overflow-auto rounded-b-lg -outline-offset-2"
    >
      <table
        className={cn("w-full table-fixed border-collapse", props.minWidth)}
        aria-rowcount={rows.length + 1}
      >
        <caption className="sr-only">{caption}</caption>
        <thead>
          <tr aria-rowindex={1}>
            {columns.map((column) => (
              <HeadCell key={column.id} column={column} />
            ))}
          </tr>
        </thead>
        <tbody
          onPointerEnter={() => onHover?.(true)}
          onPointerLeave={() => onHover?.(false)}
          className="[&_tr:last-child]:border-0"
        >
          <Spacer height={before} />
          {items.map(({ index, key }) => {
            const row = rows[index];
            if (row === undefined) return null;
            return (
              <Row
                key={key}
                row={row}
                index={index}
                columns={columns}
                height={rowHeight}
                isSelected={isSelected?.(row) ?? false}
                onClick={onRowClick}
              />
            );
          })}
          <Spacer height={after} />
        </tbody>
      </table>
    </div>
  );
}

interface RowProps<T> {
  readonly row: T;
  readonly index: number;
  readonly columns: readonly Column<T>[];
  readonly height: number;
  readonly isSelected: boolean;
  readonly onClick: ((row: T) => void) | undefined;
}

function RowView<T>({ row, index, columns, height, isSelected, onClick }: RowProps<T>) {
  return (
    <tr
      data-index={index}
      aria-rowindex={index + 2}
      data-selected={isSelected || undefined}
      style={{ height }}
      onClick={(event) => {
        if (onClick !== undefined && !isOnControl(event.target)) onClick(row);
      }}
      className={cn(
        "border-b border-line focus-within:bg-raised/55 hover:bg-raised/55 data-selected:bg-accent-soft/60",
        onClick && "cursor-pointer",
      )}
    >
      {columns.map((column) => (
        <td key={column.id} className={cellClass(column)}>
          {column.cell(row)}
        </td>
      ))}
    </tr>
  );
}

/** Scrolling draws only the rows that come into view. */
const Row = memo(RowView) as typeof RowView; // memo forgets type parameters.

/** Clicks on what has its own job stay there; a selection of text is no click either. */
function isOnControl(target: EventTarget): boolean {
  if (!(target instanceof Element)) return true;
  if ((window.getSelection()?.toString() ?? "") !== "") return true;
  return target.closest("a, button, input, label") !== null;
}

function cellClass<T>(column: Column<T>): string {
  return cn(
    "overflow-hidden text-ellipsis whitespace-nowrap px-3 first:pl-4 last:pr-4",
    column.isNumber === true && "text-right",
    column.visibility,
  );
}

function HeadCell<T>({ column }: { readonly column: Column<T> }) {
  const { header, sort, width, isNumber } = column;
  return (
    <th
      scope="col"
      {...(sort === undefined ? {} : { "aria-sort": sort.direction })}
      className={cn(
        "sticky top-0 z-10 bg-surface px-3 py-2 text-xs font-normal text-muted shadow-[inset_0_-1px_0_var(--line)] first:pl-4 last:pr-4",
        isNumber === true ? "text-right" : "text-left",
        width,
        column.visibility,
      )}
    >
      {sort === undefined ? (
        header
      ) : (
        <button
          type="button"
          onClick={sort.onSort}
          className="inline-flex items-center gap-1 rounded-sm hover:text-fg"
        >
          {header}
          {sort.direction !== "none" && (
            <Icon icon={sort.direction === "ascending" ? ArrowUp : ArrowDown} size={12} />
          )}
        </button>
      )}
    </th>
  );
}

/** Stands for the rows that are not drawn. */
function Spacer({ height }: { readonly height: number }) {
  if (height <= 0) return null;
  return (
    <tr aria-hidden="true" className="border-0">
      <td style={{ height, padding: 0 }} />
    </tr>
  );
}
