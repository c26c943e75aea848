"use client";

import { useCallback, useSyncExternalStore } from "react";
import { z } from "zod";
import { NO_LOGIN, type KitLogin } from "./connection-kit.ts";

const Stored = z.object({ user: z.string(), database: z.string() });
const keyOf = (tunnelId: string): string => `culvert.login.${tunnelId}`;

const listeners = new Set<() => void>();

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function parse(text: string | null): KitLogin {
  try {
    return Stored.parse(JSON.parse(text ?? ""));
  } catch {
    // Absent, or not what we wrote.
    return NO_LOGIN;
  }
}

/** The user and database this person connects with, remembered in this browser. Never a password. */
export function useKitLogin(tunnelId: string): [KitLogin, (login: KitLogin) => void] {
  const key = keyOf(tunnelId);
  const text = useSyncExternalStore(
    subscribe,
    () => localStorage.getItem(key),
    () => null,
  );
  const set = useCallback(
    (login: KitLogin): void => {
      if (login.user === "" && login.database === "") localStorage.removeItem(key);
      else localStorage.setItem(key, JSON.stringify(login));
      for (const listener of [...listeners]) listener();
    },
    [key],
  );
  return [parse(text), set];
}
