import { HttpRequestDto } from "#protocol/api/requests.ts";
import type { RecentRequest } from "#server/services/live/request-log.ts";

export function toHttpRequestDto({
  request: asked,
  at,
  bytesIn,
  bytesOut,
  ...record
}: RecentRequest): HttpRequestDto {
  return HttpRequestDto.parse({
    ...record,
    ...asked,
    at: new Date(at).toISOString(),
    bytes: { in: bytesIn, out: bytesOut },
  });
}
