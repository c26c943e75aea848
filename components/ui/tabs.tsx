"use client";

import { Tabs as RadixTabs } from "radix-ui";
import type { ReactNode } from "react";
import { cn } from "#components/lib/cn.ts";

export interface TabSpec<V extends string> {
  readonly value: V;
  readonly label: ReactNode;
  readonly content: ReactNode;
}

interface TabsProps<V extends string> {
  /** Accessible name of the list of tabs. */
  readonly label: string;
  readonly value: V;
  readonly onChange: (value: V) => void;
  readonly tabs: readonly TabSpec<V>[];
  /** `page`: a line under the list over the full width. `card`: as the header of a card. */
  readonly look?: "page" | "card";
}

/** Tabs whose choice the caller keeps, usually in the URL. Only the open one is mounted. */
export function Tabs<V extends string>({
  label,
  value,
  onChange,
  tabs,
  look = "page",
}: TabsProps<V>) {
  const change = (next: string): void => {
    const found = tabs.find((tab) => tab.value === next);
    if (found) onChange(found.value);
  };
  return (
    <RadixTabs.Root value={value} onValueChange={change} className="min-w-0">
      <RadixTabs.List
        aria-label={label}
        className={cn(
          "flex gap-5 overflow-x-auto border-b border-line",
          // Room for the focus ring of the first and the last, which the scroll would cut off.
          look === "card" ? "px-4 pt-2" : "-mx-1.5 px-1.5",
        )}
      >
        {tabs.map((tab) => (
          <RadixTabs.Trigger
            key={tab.value}
            value={tab.value}
            className="-mx-1.5 -mb-px whitespace-nowrap rounded-t border-b-2 border-transparent px-1.5 pb-2 pt-1.5 text-sm text-muted -outline-offset-2 transition-colors duration-100 hover:text-fg data-[state=active]:border-fg data-[state=active]:font-medium data-[state=active]:text-fg"
          >
            {tab.label}
          </RadixTabs.Trigger>
        ))}
      </RadixTabs.List>
      {tabs.map((tab) => (
        <RadixTabs.Content
          key={tab.value}
          value={tab.value}
          className={look === "card" ? "p-4 -outline-offset-2" : "pt-5"}
        >
          {tab.content}
        </RadixTabs.Content>
      ))}
    </RadixTabs.Root>
  );
}
