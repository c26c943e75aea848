"use client";

import type { LucideIcon } from "lucide-react";
import { Check } from "lucide-react";
import { DropdownMenu } from "radix-ui";
import type { ReactNode } from "react";
import { cn } from "#components/lib/cn.ts";
import { Icon } from "./icon.tsx";

const ITEM =
  "flex h-8 cursor-pointer select-none items-center gap-2.5 rounded-md px-2 text-sm outline-none data-[disabled]:cursor-not-allowed data-[disabled]:opacity-50 data-[highlighted]:bg-raised";

interface MenuProps {
  /** The button; must be one element that takes a ref. */
  readonly trigger: ReactNode;
  readonly children: ReactNode;
  readonly align?: "start" | "end";
  readonly isOpenAtFirst?: boolean;
}

export function Menu({ trigger, children, align = "end", isOpenAtFirst = false }: MenuProps) {
  return (
    <DropdownMenu.Root modal={false} defaultOpen={isOpenAtFirst}>
      <DropdownMenu.Trigger asChild>{trigger}</DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          align={align}
          sideOffset={6}
          collisionPadding={8}
          className="z-50 min-w-52 animate-rise rounded-lg border border-line bg-surface p-1 shadow-float"
        >
          {children}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

interface MenuItemProps {
  readonly icon?: LucideIcon;
  readonly onSelect: () => void;
  readonly children: ReactNode;
  readonly tone?: "neutral" | "danger";
  readonly isDisabled?: boolean;
}

export function MenuItem({
  icon,
  onSelect,
  children,
  tone = "neutral",
  isDisabled,
}: MenuItemProps) {
  return (
    <DropdownMenu.Item
      onSelect={onSelect}
      disabled={isDisabled ?? false}
      className={cn(ITEM, tone === "danger" && "text-danger")}
    >
      {icon && <Icon icon={icon} />}
      {children}
    </DropdownMenu.Item>
  );
}

interface MenuChoiceProps<V extends string> {
  readonly label: string;
  readonly value: V;
  readonly options: readonly {
    readonly value: V;
    readonly label: string;
    readonly icon?: LucideIcon;
  }[];
  readonly onChange: (value: V) => void;
}

/** One of a few, inside a menu. */
export function MenuChoice<V extends string>({
  label,
  value,
  options,
  onChange,
}: MenuChoiceProps<V>) {
  return (
    <DropdownMenu.RadioGroup value={value} aria-label={label}>
      <DropdownMenu.Label className="px-2 pb-1 pt-1.5 text-xs text-muted">
        {label}
      </DropdownMenu.Label>
      {options.map((option) => (
        <DropdownMenu.RadioItem
          key={option.value}
          value={option.value}
          onSelect={() => onChange(option.value)}
          className={ITEM}
        >
          {option.icon && <Icon icon={option.icon} />}
          {option.label}
          <DropdownMenu.ItemIndicator className="ml-auto">
            <Icon icon={Check} size={14} />
          </DropdownMenu.ItemIndicator>
        </DropdownMenu.RadioItem>
      ))}
    </DropdownMenu.RadioGroup>
  );
}

export function MenuSeparator() {
  return <DropdownMenu.Separator className="-mx-1 my-1 h-px bg-line" />;
}

/** Text at the head of a menu, not an item. */
export function MenuHeading({ children }: { readonly children: ReactNode }) {
  return <DropdownMenu.Label className="px-2 py-1.5 text-sm">{children}</DropdownMenu.Label>;
}
