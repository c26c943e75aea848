"use client";

import { Search } from "lucide-react";
import dynamic from "next/dynamic";
import { useCallback, useEffect, useState, useSyncExternalStore } from "react";
import { Icon } from "#components/ui/icon.tsx";
import { EarlyKeys } from "./early-keys.ts";

const Palette = dynamic(() => import("./palette.tsx").then((module) => module.Palette), {
  ssr: false,
});

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
  );
}

function isShortcut(event: KeyboardEvent): boolean {
  const isK = event.key.toLowerCase() === "k" && (event.metaKey || event.ctrlKey);
  const isSlash = event.key === "/" && !event.metaKey && !event.ctrlKey && !event.altKey;
  return isK || (isSlash && !isTyping(event.target));
}

const never = () => () => undefined;
const shortcutName = (): string => (/Mac|iPhone|iPad/.test(navigator.userAgent) ? "⌘K" : "Ctrl K");

/** Opens the command palette; so do ⌘K and `/`. Its code arrives on first use. */
export function PaletteButton() {
  const [isOpen, setOpen] = useState(false);
  const [isWanted, setWanted] = useState(false);
  const [early] = useState(() => new EarlyKeys());
  const shortcut = useSyncExternalStore(never, shortcutName, () => "");

  const change = useCallback(
    (next: boolean): void => {
      setWanted(true);
      setOpen(next);
      early.reset(next ? performance.now() : null);
    },
    [early],
  );

  // Listens to the keyboard of the whole page.
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      if (isShortcut(event)) {
        event.preventDefault();
        change(event.key === "/" || !isOpen);
      } else if (early.take(event)) {
        event.preventDefault();
      }
    };
    window.addEventListener("keydown", onKeyDown);
    return () => window.removeEventListener("keydown", onKeyDown);
  }, [isOpen, change, early]);

  return (
    <>
      <button
        type="button"
        aria-keyshortcuts="Meta+K Control+K /"
        onClick={() => change(true)}
        className="flex h-8 w-[34px] items-center justify-center gap-2 rounded-md border border-line bg-surface text-sm text-muted transition-colors duration-100 hover:border-line-strong md:w-[250px] md:justify-start md:pl-2.5 md:pr-2"
      >
        <Icon icon={Search} />
        <span className="max-md:sr-only">Search or jump to…</span>
        <kbd
          aria-hidden="true"
          className="ml-auto rounded-sm border border-line px-1.5 font-mono text-[11px] leading-4 text-faint max-md:hidden"
        >
          {shortcut}
        </kbd>
      </button>
      {isWanted && <Palette isOpen={isOpen} onOpenChange={change} early={early} />}
    </>
  );
}
