import { z } from "zod";
import { ByteCounts, Timestamp, page } from "./common.ts";
import { EdgeErrorCode } from "./http-figures.ts";
import { ConnectionId, RelayId, TunnelId } from "./ids.ts";

/** Requests that are kept of one tunnel; older ones are forgotten. */
export const RECENT_REQUESTS_MAX = 100;

/** One request of an HTTP tunnel that is over. Bodies, headers and queries are never kept. */
export const HttpRequestDto = z.object({
  id: ConnectionId,
  tunnelId: TunnelId,
  relayId: RelayId,
  at: Timestamp,
  method: z.string(),
  host: z.string(),
  path: z.string(),
  upgrade: z.string().nullable(),
  clientAddress: z.string(),
  /** Null when the client left before there was an answer. */
  status: z.number().int().nullable(),
  /** Why Culvert answered itself; null when the service did. */
  error: EdgeErrorCode.nullable(),
  /** More about that: `connection refused by 10.1.2.3:8080`. */
  detail: z.string().nullable(),
  /** `shop/web:8080`; null when none was chosen. */
  backend: z.string().nullable(),
  /** To the head of the answer, milliseconds. */
  firstByteMs: z.number().nullable(),
  /** To the end of the answer, milliseconds. */
  durationMs: z.number(),
  bytes: ByteCounts,
});
export type HttpRequestDto = z.infer<typeof HttpRequestDto>;
/** The newest first. */
export const HttpRequestPage = page(HttpRequestDto);
