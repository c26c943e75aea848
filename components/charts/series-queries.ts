import { queryOptions } from "@tanstack/react-query";
import { apiRequest, queryString } from "#components/lib/api-client.ts";
import { SeriesDto } from "#protocol/api/series.ts";
import type { LiveRoom } from "#protocol/live/events.ts";
import { CHART_RANGES, type ChartRangeName } from "./chart-ranges.ts";

/** `fleet`, `cluster:<id>` or `tunnel:<id>`: the names of the live rooms. */
export type SeriesScope = LiveRoom;

const SECOND_MS = 1_000;

export const seriesKeys = {
  all: ["series"] as const,
  scope: (scope: SeriesScope) => [...seriesKeys.all, scope] as const,
  range: (scope: SeriesScope, range: ChartRangeName) =>
    [...seriesKeys.scope(scope), range] as const,
};

/** History up to the moment it is asked for; what follows comes live. */
export function seriesQuery(scope: SeriesScope, rangeName: ChartRangeName) {
  const range = CHART_RANGES[rangeName];
  return queryOptions({
    queryKey: seriesKeys.range(scope, rangeName),
    queryFn: ({ signal }) => {
      const now = Date.now();
      const step = range.historyStepSeconds;
      const from = new Date(now - range.lengthMs - step * SECOND_MS).toISOString();
      const to = new Date(now).toISOString();
      return apiRequest(SeriesDto, `/api/v1/series${queryString({ scope, from, to, step })}`, {
        signal,
      });
    },
    staleTime: range.refetchMs / 2,
    refetchInterval: range.refetchMs,
  });
}
