"use client";

import { useSyncExternalStore } from "react";
import { RAIL_KEY, THEME_KEY } from "./first-paint-script.ts";

export const THEMES = ["light", "dark", "system"] as const;
export type Theme = (typeof THEMES)[number];

const listeners = new Set<() => void>();

function notify(): void {
  for (const listener of [...listeners]) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  const query = window.matchMedia("(prefers-color-scheme: dark)");
  const onChange = (): void => {
    apply(readTheme());
    listener();
  };
  query.addEventListener("change", onChange);
  return () => {
    listeners.delete(listener);
    query.removeEventListener("change", onChange);
  };
}

function readTheme(): Theme {
  const stored = read(THEME_KEY);
  return THEMES.find((theme) => theme === stored) ?? "system";
}

function apply(theme: Theme): void {
  const isDark =
    theme === "dark" ||
    (theme === "system" && window.matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.dataset["theme"] = isDark ? "dark" : "light";
}

export function setTheme(theme: Theme): void {
  write(THEME_KEY, theme);
  apply(theme);
  notify();
}

/** What was chosen, not what it comes to. */
export function useTheme(): Theme {
  return useSyncExternalStore(subscribe, readTheme, () => "system");
}

function subscribeRail(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function useIsRailCollapsed(): boolean {
  return useSyncExternalStore(
    subscribeRail,
    () => document.documentElement.dataset["rail"] === "collapsed",
    () => false,
  );
}

export function setRailCollapsed(isCollapsed: boolean): void {
  write(RAIL_KEY, isCollapsed ? "collapsed" : "open");
  if (isCollapsed) document.documentElement.dataset["rail"] = "collapsed";
  else delete document.documentElement.dataset["rail"];
  notify();
}

function read(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    // Storage may be switched off; the default then holds.
    return null;
  }
}

function write(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    // Storage may be switched off; the choice then lasts as long as the page.
  }
}
