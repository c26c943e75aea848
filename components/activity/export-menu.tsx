"use client";

import { Braces, ChevronDown, Table2 } from "lucide-react";
import { formatCount } from "#components/lib/format.ts";
import { useApiMutation } from "#components/lib/use-api-mutation.ts";
import { Button } from "#components/ui/button.tsx";
import { Icon } from "#components/ui/icon.tsx";
import { Menu, MenuItem } from "#components/ui/menu.tsx";
import { showToast } from "#components/ui/toast-store.ts";
import { PAGE_LIMIT_MAX } from "#protocol/api/common.ts";
import type { AuditEventDto } from "#protocol/api/audit.ts";
import type { AuditFilter } from "./audit-filter.ts";
import { fetchAuditPage } from "./audit-queries.ts";
import { toCsv, toJson } from "./export-events.ts";
import { matchesText } from "./matches-text.ts";

/** More than this is a job for the API. */
const EXPORT_EVENTS_MAX = 10_000;

const FORMATS = {
  csv: { write: toCsv, type: "text/csv" },
  json: { write: toJson, type: "application/json" },
} as const;
type Format = keyof typeof FORMATS;

interface ExportMenuProps {
  readonly filter: AuditFilter;
  readonly text: string;
}

/** Saves what the filters let through, all pages of it, as a file. */
export function ExportMenu({ filter, text }: ExportMenuProps) {
  const save = useApiMutation({
    run: async (format: Format) => ({ format, events: await fetchEvents(filter, text) }),
    failure: "The events could not be exported",
    onDone: ({ format, events }) => {
      const { write, type } = FORMATS[format];
      download(new Blob([write(events)], { type }), `culvert-activity.${format}`);
      showToast({ title: `Exported ${formatCount(events.length)} events` });
    },
  });
  const trigger = (
    <Button isBusy={save.isPending}>
      Export
      <Icon icon={ChevronDown} size={14} />
    </Button>
  );
  return (
    <Menu trigger={trigger}>
      <MenuItem icon={Table2} onSelect={() => save.mutate("csv")}>
        As CSV, for a spreadsheet
      </MenuItem>
      <MenuItem icon={Braces} onSelect={() => save.mutate("json")}>
        As JSON
      </MenuItem>
    </Menu>
  );
}

async function fetchEvents(filter: AuditFilter, text: string): Promise<AuditEventDto[]> {
  const events: AuditEventDto[] = [];
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<typeof fetchAuditPage>> = await fetchAuditPage(filter, {
      cursor,
      limit: PAGE_LIMIT_MAX,
    });
    events.push(...page.items.filter((event) => matchesText(event, text)));
    cursor = page.nextCursor;
  } while (cursor !== null && events.length < EXPORT_EVENTS_MAX);
  return events.slice(0, EXPORT_EVENTS_MAX);
}

function download(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}
