import { z } from "zod";
import { Timestamp } from "./common.ts";

export const SERIES_NAMES = [
  "bytesIn",
  "bytesOut",
  "connectionsOpen",
  "connectionsOpened",
  "connectionsFailed",
] as const;
export type SeriesName = (typeof SERIES_NAMES)[number];

/** `[ms since the epoch, value]`; null is a gap: nothing was measured then. */
export const SeriesPoint = z.tuple([z.number(), z.number().nullable()]);
export type SeriesPoint = z.infer<typeof SeriesPoint>;

/**
 * Per step: `bytesIn`, `bytesOut`, `connectionsOpened`, `connectionsFailed` are sums over the step,
 * `connectionsOpen` is the value at its end.
 */
export const SeriesDto = z.object({
  from: Timestamp,
  to: Timestamp,
  stepSeconds: z.number().int(),
  series: z.object({
    bytesIn: z.array(SeriesPoint),
    bytesOut: z.array(SeriesPoint),
    connectionsOpen: z.array(SeriesPoint),
    connectionsOpened: z.array(SeriesPoint),
    connectionsFailed: z.array(SeriesPoint),
  }),
});
export type SeriesDto = z.infer<typeof SeriesDto>;

export const SERIES_POINTS_MAX = 2_000;

export const SeriesQuery = z.strictObject({
  from: Timestamp.optional(),
  to: Timestamp.optional(),
  /** Seconds; rounded up to a step that is stored. */
  step: z.coerce.number().int().min(1).max(86_400).optional(),
});
export const ScopedSeriesQuery = SeriesQuery.extend({
  scope: z.string().regex(/^(fleet|cluster:cl_[0-9a-z]+|tunnel:tn_[0-9a-z]+)$/),
});
