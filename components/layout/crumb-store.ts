"use client";

import { useEffect, useSyncExternalStore } from "react";

let crumb: string | null = null;
const listeners = new Set<() => void>();

function set(next: string | null): void {
  if (crumb === next) return;
  crumb = next;
  for (const listener of [...listeners]) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Names what the page shows, for the breadcrumb and the browser's tab; null while unknown. */
export function usePageCrumb(label: string | null): void {
  // Hands the name to the top bar and to the document.
  useEffect(() => {
    set(label);
    if (label !== null) document.title = `${label} · Culvert`;
    return () => set(null);
  }, [label]);
}

export function useCurrentCrumb(): string | null {
  return useSyncExternalStore(
    subscribe,
    () => crumb,
    () => null,
  );
}
