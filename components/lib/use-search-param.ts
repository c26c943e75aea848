"use client";

import { usePathname, useSearchParams } from "next/navigation";
import { useCallback } from "react";

type SearchParam<V extends string> = [V, (value: V) => void];

/**
 * One value kept in the URL, so that it can be linked to and Back works.
 *
 * @param fallback  what a missing or unknown value means; it is left out of the URL
 * @param allowed   the closed set; omit for free text
 */
export function useSearchParam(name: string, fallback: string): SearchParam<string>;
export function useSearchParam<V extends string>(
  name: string,
  fallback: NoInfer<V>,
  allowed: readonly V[],
): SearchParam<V>;
export function useSearchParam(
  name: string,
  fallback: string,
  allowed?: readonly string[],
): SearchParam<string> {
  const pathname = usePathname();
  const search = useSearchParams();
  const raw = search.get(name);
  const value = parse(raw, fallback, allowed);
  const set = useCallback(
    (next: string): void => {
      // From the address bar, so that two changes in one tick do not undo each other.
      const params = new URLSearchParams(window.location.search);
      if (next === fallback) params.delete(name);
      else params.set(name, next);
      const text = params.toString();
      // Not the router: nothing on the server depends on it, so no request is needed.
      window.history.replaceState(null, "", text === "" ? pathname : `${pathname}?${text}`);
    },
    [name, fallback, pathname],
  );
  return [value, set];
}

function parse(raw: string | null, fallback: string, allowed?: readonly string[]): string {
  if (raw === null) return fallback;
  return allowed === undefined || allowed.includes(raw) ? raw : fallback;
}
