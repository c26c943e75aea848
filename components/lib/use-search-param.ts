"use client";

import { usePathname, useSearchParams } from "next/navigation";
import { useCallback } from "react";

/**
 * One value kept in the URL, so that it can be linked to and Back works.
 *
 * @param fallback  what a missing or unknown value means; it is left out of the URL
 * @param allowed   the closed set; omit for free text
 */
export function useSearchParam<V extends string>(
  name: string,
  fallback: V,
  allowed?: readonly V[],
): [V, (value: V) => void] {
  const pathname = usePathname();
  const search = useSearchParams();
  const raw = search.get(name);
  const value = parse(raw, fallback, allowed);
  const set = useCallback(
    (next: V): void => {
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

function parse<V extends string>(raw: string | null, fallback: V, allowed?: readonly V[]): V {
  if (raw === null) return fallback;
  // Free text: any string is a V.
  if (allowed === undefined) return raw as V;
  return allowed.find((value) => value === raw) ?? fallback;
}
