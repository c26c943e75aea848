"use client";

import { Command } from "cmdk";
import { Search } from "lucide-react";
import { Dialog } from "radix-ui";
import { useLayoutEffect, useRef, useState } from "react";
import { Icon } from "#components/ui/icon.tsx";
import type { EarlyKeys } from "./early-keys.ts";
import { recentFirst, search, type PaletteItem } from "./palette-items.ts";
import { readRecent, remember } from "./recent-store.ts";
import { usePaletteGroups } from "./use-palette-groups.ts";

interface PaletteProps {
  readonly isOpen: boolean;
  readonly onOpenChange: (isOpen: boolean) => void;
  /** What was typed before the field was there. */
  readonly early: EarlyKeys;
}

/** Find a cluster, a tunnel or a page, or do something, without leaving the keyboard. */
export function Palette({ isOpen, onOpenChange, early }: PaletteProps) {
  return (
    <Dialog.Root open={isOpen} onOpenChange={onOpenChange}>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-40 animate-fade bg-scrim" />
        <Dialog.Content
          aria-describedby={undefined}
          className="fixed left-1/2 top-[12vh] z-50 w-[calc(100vw-32px)] max-w-[600px] -translate-x-1/2 animate-rise overflow-hidden rounded-xl border border-line bg-surface shadow-float"
        >
          <Dialog.Title className="sr-only">Search or jump to</Dialog.Title>
          <PaletteBody onDone={() => onOpenChange(false)} early={early} />
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

interface PaletteBodyProps {
  readonly onDone: () => void;
  readonly early: EarlyKeys;
}

function PaletteBody({ onDone, early }: PaletteBodyProps) {
  const [typed, setTyped] = useState("");
  const field = useRef<HTMLInputElement>(null);
  const [recent] = useState(readRecent);
  const groups = usePaletteGroups();
  const shown = search(typed.trim() === "" ? recentFirst(groups, recent) : groups, typed);

  // Takes over the keyboard: from the moment it has the focus, keys go to the field.
  useLayoutEffect(() => {
    field.current?.focus();
    const kept = early.handOver();
    if (kept !== "") setTyped(kept);
  }, [early]);

  const pick = (item: PaletteItem): void => {
    remember(item.id);
    onDone();
    item.run();
  };

  return (
    <Command shouldFilter={false} loop label="Commands">
      <div className="flex items-center gap-2.5 border-b border-line px-4 text-muted">
        <Icon icon={Search} />
        <Command.Input
          ref={field}
          value={typed}
          onValueChange={setTyped}
          placeholder="Search or jump to…"
          className="h-12 w-full bg-transparent text-fg outline-none placeholder:text-faint"
        />
      </div>
      <Command.List className="max-h-[52vh] scroll-py-2 overflow-y-auto p-2">
        <Command.Empty className="px-3 py-8 text-center text-sm text-muted">
          Nothing is called “{typed}”.
        </Command.Empty>
        {shown.map(({ heading, items }) => (
          <Command.Group
            key={heading}
            heading={heading}
            className="[&>[cmdk-group-heading]]:px-2 [&>[cmdk-group-heading]]:pb-1 [&>[cmdk-group-heading]]:pt-2 [&>[cmdk-group-heading]]:text-xs [&>[cmdk-group-heading]]:text-muted"
          >
            {items.map((item) => (
              <Row key={item.id} item={item} onPick={pick} />
            ))}
          </Command.Group>
        ))}
      </Command.List>
    </Command>
  );
}

interface RowProps {
  readonly item: PaletteItem;
  readonly onPick: (item: PaletteItem) => void;
}

function Row({ item, onPick }: RowProps) {
  return (
    <Command.Item
      value={item.id}
      onSelect={() => onPick(item)}
      className="flex h-9 cursor-pointer items-center gap-2.5 rounded-md px-2 data-[selected=true]:bg-raised"
    >
      <span className="text-muted">
        <Icon icon={item.icon} />
      </span>
      <span className="truncate">{item.label}</span>
      {item.note !== undefined && (
        <span className="ml-auto shrink-0 truncate pl-3 text-xs text-muted">{item.note}</span>
      )}
    </Command.Item>
  );
}
