"use client";

import { ChevronDown } from "lucide-react";
import { Button } from "#components/ui/button.tsx";
import { Icon } from "#components/ui/icon.tsx";
import { Menu, MenuChoice } from "#components/ui/menu.tsx";
import { cn } from "#components/lib/cn.ts";

export interface FacetOption<V extends string> {
  readonly value: V;
  readonly label: string;
}

interface FacetMenuProps<V extends string> {
  readonly label: string;
  readonly value: V;
  /** The first lets everything through. */
  readonly options: readonly FacetOption<V>[];
  readonly onChange: (value: V) => void;
  /** False for what chooses without hiding, such as a sort. */
  readonly isFilter?: boolean;
}

/** A filter as a chip: what is chosen stands on it. */
export function FacetMenu<V extends string>(props: FacetMenuProps<V>) {
  const { label, value, options, onChange, isFilter = true } = props;
  const [any] = options;
  const chosen = options.find((option) => option.value === value);
  const isSet = chosen !== undefined && chosen !== any;
  return (
    <Menu
      align="start"
      trigger={
        <Button
          size="sm"
          className={cn("h-8 font-normal", isSet ? "border-accent text-fg" : "text-muted")}
        >
          {label}
          {isFilter && <span className="sr-only"> filter</span>}
          {isSet && <span className="font-medium">{chosen.label}</span>}
          <Icon icon={ChevronDown} size={12} />
        </Button>
      }
    >
      <MenuChoice label={label} value={value} options={options} onChange={onChange} />
    </Menu>
  );
}
