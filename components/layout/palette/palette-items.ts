import type { LucideIcon } from "lucide-react";

/** One line of the palette. */
export interface PaletteItem {
  /** Stable over time: recent ones are remembered by it. */
  readonly id: string;
  readonly label: string;
  /** At the right end, quiet. */
  readonly note?: string;
  readonly icon: LucideIcon;
  /** Found by these words as well. */
  readonly keywords: readonly string[];
  readonly run: () => void;
}

export interface PaletteGroup {
  readonly heading: string;
  readonly items: readonly PaletteItem[];
}

/** Recent things remembered. */
export const RECENT_MAX = 6;

/** Puts one id in front of the recent ones. */
export function withRecent(recent: readonly string[], id: string): string[] {
  return [id, ...recent.filter((other) => other !== id)].slice(0, RECENT_MAX);
}

/** Moves what was used recently into a group of its own, in front. */
export function recentFirst(
  groups: readonly PaletteGroup[],
  recent: readonly string[],
): PaletteGroup[] {
  const all = new Map(groups.flatMap((group) => group.items).map((item) => [item.id, item]));
  const items = recent.map((id) => all.get(id)).filter((item) => item !== undefined);
  if (items.length === 0) return [...groups];
  const taken = new Set(items.map(({ id }) => id));
  const rest = groups.map((group) => ({
    ...group,
    items: group.items.filter(({ id }) => !taken.has(id)),
  }));
  return [{ heading: "Recent", items }, ...rest];
}

/** Rows of one group drawn at once; typing brings the others. */
export const GROUP_ROWS_MAX = 8;

/** Whether every word typed begins a word of the item, in any order. */
export function matches(item: PaletteItem, typed: string): boolean {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  const text = [item.label, item.note ?? "", ...item.keywords].join(" ").toLowerCase();
  return words.every((word) => hasWordBeginning(text, word));
}

function hasWordBeginning(text: string, word: string): boolean {
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) {
    if (at === 0 || !/[\p{L}\p{N}]/u.test(text.charAt(at - 1))) return true;
  }
  return false;
}

/** The groups that a typed text leaves, each with its first rows, empty ones dropped. */
export function search(groups: readonly PaletteGroup[], typed: string): PaletteGroup[] {
  return groups
    .map((group) => ({
      ...group,
      items: group.items.filter((item) => matches(item, typed)).slice(0, GROUP_ROWS_MAX),
    }))
    .filter((group) => group.items.length > 0);
}
