"use client";

import { Bot, CircleUser, KeyRound, SquareTerminal, type LucideIcon } from "lucide-react";
import { Icon } from "#components/ui/icon.tsx";
import { RelativeTime } from "#components/ui/relative-time.tsx";
import { Table, TableBody, TableHead, TableRow, Td, Th } from "#components/ui/table.tsx";
import type { ActorKind, AuditEventDto } from "#protocol/api/audit.ts";
import { fieldChanges } from "./audit-details.ts";
import { AuditSentence } from "./audit-sentence.tsx";

const ACTORS: Record<ActorKind, { readonly icon: LucideIcon; readonly label: string }> = {
  user: { icon: CircleUser, label: "Person" },
  api_key: { icon: KeyRound, label: "API key" },
  system: { icon: Bot, label: "Culvert itself" },
  command_line: { icon: SquareTerminal, label: "Command line" },
};

interface ActivityTableProps {
  readonly events: readonly AuditEventDto[];
}

/** A table, or below 768 px a list with the same facts. */
export function ActivityTable({ events }: ActivityTableProps) {
  return (
    <>
      <div className="hidden md:block">
        <Table caption="Events, newest first">
          <TableHead>
            <Th>When</Th>
            <Th>What happened</Th>
            <Th>Change</Th>
            <Th>By</Th>
            <Th>From</Th>
          </TableHead>
          <TableBody>
            {events.map((event) => (
              <EventRow key={event.id} event={event} />
            ))}
          </TableBody>
        </Table>
      </div>
      <ol className="md:hidden">
        {events.map((event) => (
          <li
            key={event.id}
            className="flex flex-col gap-1 border-b border-line px-4 py-3 last:border-0"
          >
            <span className="[overflow-wrap:anywhere]">
              <AuditSentence event={event} />
            </span>
            <Changes event={event} />
            <span className="text-xs text-muted">
              <RelativeTime at={event.at} look="moment" /> · {event.actor.name}
              {event.address !== null && ` · ${event.address}`}
            </span>
          </li>
        ))}
      </ol>
    </>
  );
}

function EventRow({ event }: { readonly event: AuditEventDto }) {
  const { icon, label } = ACTORS[event.actor.kind];
  return (
    <TableRow>
      <Td className="align-top text-muted">
        <RelativeTime at={event.at} look="moment" />
      </Td>
      <Td className="w-full min-w-56 max-w-0 whitespace-normal! align-top [overflow-wrap:anywhere]">
        <AuditSentence event={event} />
      </Td>
      <Td className="min-w-40 max-w-64 whitespace-normal! align-top">
        <Changes event={event} />
      </Td>
      <Td className="align-top text-muted">
        <span className="flex max-w-40 items-center gap-2" title={event.actor.name}>
          <Icon icon={icon} size={14} label={label} />
          <span className="truncate">{event.actor.name}</span>
        </span>
      </Td>
      <Td className="mono min-w-[150px] whitespace-normal! align-top text-muted [overflow-wrap:anywhere]">
        {event.address ?? "–"}
      </Td>
    </TableRow>
  );
}

function Changes({ event }: { readonly event: AuditEventDto }) {
  const changes = fieldChanges(event);
  if (changes.length === 0) return null;
  return (
    <ul className="flex flex-col text-xs text-muted">
      {changes.map(({ name, before, after }) => (
        <li key={name} className="[overflow-wrap:anywhere]">
          {name}:{" "}
          {before !== null && (
            <>
              <span>{before}</span> <span aria-label="became">→</span>{" "}
            </>
          )}
          <span className="text-fg">{after ?? "gone"}</span>
        </li>
      ))}
    </ul>
  );
}
