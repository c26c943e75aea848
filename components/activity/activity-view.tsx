"use client";

import { useInfiniteQuery } from "@tanstack/react-query";
import { Activity } from "lucide-react";
import { useDeferredValue } from "react";
import { Page, PageHeader } from "#components/layout/page-header.tsx";
import { useSearchParam } from "#components/lib/use-search-param.ts";
import { Button } from "#components/ui/button.tsx";
import { Card } from "#components/ui/card.tsx";
import { EmptyState } from "#components/ui/empty-state.tsx";
import { QueryView } from "#components/ui/query-view.tsx";
import { ActivityFilters, OBJECT_KINDS, type ObjectKindChoice } from "./activity-filters.tsx";
import { ActivityTable } from "./activity-table.tsx";
import type { AuditFilter } from "./audit-filter.ts";
import { auditQueries } from "./audit-queries.ts";
import { ExportMenu } from "./export-menu.tsx";
import { matchesText } from "./matches-text.ts";
import { ACTION_LABELS } from "./sentences.ts";
import { AUDIT_ACTIONS, type AuditAction } from "#protocol/api/audit.ts";

type ActionChoice = AuditAction | "all";
const ACTION_CHOICES: readonly ActionChoice[] = ["all", ...AUDIT_ACTIONS];

/** Who did what, when, from where, and what it changed. */
export function ActivityView() {
  const [kind, setKind] = useSearchParam<ObjectKindChoice>("kind", "all", OBJECT_KINDS);
  const [action, setAction] = useSearchParam<ActionChoice>("action", "all", ACTION_CHOICES);
  const [objectId, setObjectId] = useSearchParam("object", "");
  const [typed, setTyped] = useSearchParam("q", "");
  const wanted = useDeferredValue(typed);
  const filter: AuditFilter = {
    ...(kind !== "all" && { objectKind: kind }),
    ...(action !== "all" && { action }),
    ...(objectId !== "" && { objectId }),
  };
  const query = useInfiniteQuery(auditQueries.list(filter));
  const clear = (): void => {
    setKind("all");
    setAction("all");
    setObjectId("");
    setTyped("");
  };
  return (
    <Page>
      <PageHeader title="Activity" actions={<ExportMenu filter={filter} text={wanted} />} />
      <Card label="Events">
        <ActivityFilters
          kind={kind}
          onKind={setKind}
          action={action}
          actions={ACTION_CHOICES.map((value) => ({
            value,
            label: value === "all" ? "Every action" : ACTION_LABELS[value],
          }))}
          onAction={(value) =>
            setAction(ACTION_CHOICES.find((choice) => choice === value) ?? "all")
          }
          text={typed}
          onText={setTyped}
          objectId={objectId}
          onAnyObject={() => setObjectId("")}
        />
        <QueryView query={query} failure="The activity could not be loaded">
          {(data) => {
            const events = data.pages
              .flatMap((page) => page.items)
              .filter((event) => matchesText(event, wanted));
            if (events.length === 0 && !query.hasNextPage) {
              return (
                <NoEvents
                  isFiltered={wanted !== "" || Object.keys(filter).length > 0}
                  onClear={clear}
                />
              );
            }
            return <ActivityTable events={events} />;
          }}
        </QueryView>
        {query.hasNextPage && (
          <div className="flex justify-center border-t border-line p-3">
            <Button isBusy={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
              Load older events
            </Button>
          </div>
        )}
      </Card>
    </Page>
  );
}

interface NoEventsProps {
  readonly isFiltered: boolean;
  readonly onClear: () => void;
}

function NoEvents({ isFiltered, onClear }: NoEventsProps) {
  if (!isFiltered) {
    return (
      <EmptyState icon={Activity} title="Nothing happened yet">
        Every change a person, a key or the system makes is written down here.
      </EmptyState>
    );
  }
  return (
    <EmptyState
      icon={Activity}
      title="No event matches"
      action={<Button onClick={onClear}>Clear the filters</Button>}
    />
  );
}
