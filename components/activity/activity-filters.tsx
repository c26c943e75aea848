"use client";

import { X } from "lucide-react";
import { Button } from "#components/ui/button.tsx";
import { Icon } from "#components/ui/icon.tsx";
import { Input, Select } from "#components/ui/input.tsx";

export const OBJECT_KINDS = [
  "all",
  "cluster",
  "tunnel",
  "fleet",
  "token",
  "api_key",
  "user",
  "connection",
  "relay",
] as const;
export type ObjectKindChoice = (typeof OBJECT_KINDS)[number];

const KIND_LABELS: Record<ObjectKindChoice, string> = {
  all: "Everything",
  cluster: "Clusters",
  tunnel: "Tunnels",
  fleet: "Fleet",
  token: "Agent tokens",
  api_key: "API keys",
  user: "People",
  connection: "Connections",
  relay: "Relays",
};

interface ActivityFiltersProps {
  readonly kind: ObjectKindChoice;
  readonly onKind: (kind: ObjectKindChoice) => void;
  readonly action: string;
  readonly actions: readonly { readonly value: string; readonly label: string }[];
  readonly onAction: (action: string) => void;
  readonly text: string;
  readonly onText: (text: string) => void;
  /** Empty: any. */
  readonly objectId: string;
  readonly onAnyObject: () => void;
}

export function ActivityFilters(props: ActivityFiltersProps) {
  return (
    <div className="flex flex-wrap items-center gap-2 border-b border-line px-4 py-2.5">
      <Input
        type="search"
        aria-label="Filter by person, object or words"
        placeholder="Person, object or words"
        value={props.text}
        onChange={({ target }) => props.onText(target.value)}
        className="max-sm:w-full sm:max-w-64"
      />
      <Select
        aria-label="Kind of object"
        value={props.kind}
        onChange={({ target }) =>
          props.onKind(OBJECT_KINDS.find((kind) => kind === target.value) ?? "all")
        }
        className="max-sm:flex-1 sm:max-w-40"
      >
        {OBJECT_KINDS.map((kind) => (
          <option key={kind} value={kind}>
            {KIND_LABELS[kind]}
          </option>
        ))}
      </Select>
      <Select
        aria-label="Action"
        value={props.action}
        onChange={({ target }) => props.onAction(target.value)}
        className="max-sm:flex-1 sm:max-w-56"
      >
        {props.actions.map(({ value, label }) => (
          <option key={value} value={value}>
            {label}
          </option>
        ))}
      </Select>
      {props.objectId !== "" && (
        <Button size="sm" onClick={props.onAnyObject} aria-label="Show events of every object">
          Only <span className="mono">{props.objectId}</span>
          <Icon icon={X} size={14} />
        </Button>
      )}
    </div>
  );
}
