"use client";

import { ChartLine, Table2 } from "lucide-react";
import { useState, type ReactNode } from "react";
import { Button } from "#components/ui/button.tsx";
import { Card, CardHeader } from "#components/ui/card.tsx";
import { ErrorState } from "#components/ui/error-state.tsx";
import { Icon } from "#components/ui/icon.tsx";
import { Skeleton } from "#components/ui/skeleton.tsx";
import { ApiError } from "#components/lib/api-client.ts";
import type { RateView } from "./use-rate-points.ts";

interface ChartFrameProps {
  readonly title: string;
  /** Beside the title: what the lines are and where they stand now. */
  readonly legend?: ReactNode;
  readonly actions?: ReactNode;
  readonly query: RateView["query"];
  readonly height: number;
  readonly chart: () => ReactNode;
  readonly table: () => ReactNode;
}

/** A card around a chart, with the same facts as a table for those who prefer it. */
export function ChartFrame(props: ChartFrameProps) {
  const { title, legend, actions, query, height, chart, table } = props;
  const [isTable, setTable] = useState(false);
  const what = isTable ? "Show as chart" : "Show as table";
  return (
    <Card>
      <CardHeader
        title={title}
        actions={
          <>
            {actions}
            <Button
              variant="ghost"
              size="icon-sm"
              aria-label={`${title}: ${what.toLowerCase()}`}
              title={what}
              onClick={() => setTable(!isTable)}
            >
              <Icon icon={isTable ? ChartLine : Table2} size={14} />
            </Button>
          </>
        }
      >
        {legend}
      </CardHeader>
      {query.error !== null ? (
        <ErrorState
          title={`${title} could not be loaded`}
          message={query.error.message}
          requestId={query.error instanceof ApiError ? query.error.requestId : null}
          onRetry={query.retry}
        />
      ) : (
        <div className={isTable ? undefined : "px-3 pb-2 pt-2"}>
          {query.isPending ? (
            <div style={{ height }} className="p-1">
              <Skeleton className="h-full w-full" />
            </div>
          ) : isTable ? (
            table()
          ) : (
            chart()
          )}
        </div>
      )}
    </Card>
  );
}
