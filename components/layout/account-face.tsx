"use client";

import type { ComponentProps } from "react";
import { useMe } from "#components/lib/me.tsx";

function initials(name: string): string {
  const words = name.split(/[\s@._-]+/).filter(Boolean);
  const letters = words.length > 1 ? `${words[0]?.[0]}${words[1]?.[0]}` : name.slice(0, 2);
  return letters.toUpperCase();
}

/** The round button with somebody's initials. */
export function AccountFace(props: ComponentProps<"button">) {
  const me = useMe();
  return (
    <button
      type="button"
      aria-haspopup="menu"
      {...props}
      aria-label={`Account of ${me.name}`}
      className="grid size-[26px] shrink-0 place-items-center rounded-full bg-accent-soft text-[11px] font-semibold text-accent"
    >
      {initials(me.name)}
    </button>
  );
}
