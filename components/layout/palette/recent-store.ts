import { z } from "zod";
import { withRecent } from "./palette-items.ts";

const KEY = "culvert-recent";
const Stored = z.array(z.string());

/** Ids of what was picked from the palette lately, newest first. */
export function readRecent(): string[] {
  try {
    return Stored.parse(JSON.parse(localStorage.getItem(KEY) ?? "[]"));
  } catch {
    // Nothing stored, or not by us: nothing is recent.
    return [];
  }
}

export function remember(id: string): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(withRecent(readRecent(), id)));
  } catch {
    // Storage may be switched off; nothing is remembered then.
  }
}
