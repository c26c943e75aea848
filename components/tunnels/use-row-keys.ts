"use client";

import { useEffect, useEffectEvent, type RefObject } from "react";
import type { VirtualTableHandle } from "./virtual-table.tsx";

interface RowKeys {
  readonly table: RefObject<VirtualTableHandle | null>;
  readonly rowCount: number;
  readonly onToggle: (index: number) => void;
  readonly onClear: () => void;
}

/** j and k move, x selects, Escape clears; Enter opens because the row's link has the focus. */
export function useRowKeys({ table, rowCount, onToggle, onClear }: RowKeys): void {
  const onKey = useEffectEvent((event: KeyboardEvent) => {
    if (event.metaKey || event.ctrlKey || event.altKey || isTyping(event.target)) return;
    const handle = table.current;
    if (handle === null || rowCount === 0) return;
    const index = handle.focusedRow();
    if (event.key === "j") handle.focusRow(Math.min(index + 1, rowCount - 1));
    else if (event.key === "k") handle.focusRow(Math.max(index - 1, 0));
    else if (event.key === "x" && index >= 0) onToggle(index);
    else if (event.key === "Escape") onClear();
    else return;
    event.preventDefault();
  });
  // Listens to the keyboard of the whole page: the table needs no click first.
  useEffect(() => {
    const listen = (event: KeyboardEvent): void => onKey(event);
    window.addEventListener("keydown", listen);
    return () => window.removeEventListener("keydown", listen);
  }, []);
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement) return target.type !== "checkbox";
  return target.closest("textarea, select, [contenteditable], [role=dialog], [role=menu]") !== null;
}
