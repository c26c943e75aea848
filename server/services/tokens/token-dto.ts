import { TokenDto } from "#protocol/api/clusters.ts";
import type { TokenRow } from "./insert-token.ts";

export function toTokenDto(row: TokenRow): TokenDto {
  return TokenDto.parse({
    id: row.id,
    clusterId: row.clusterId,
    prefix: row.prefix,
    createdAt: row.createdAt.toISOString(),
    expiresAt: row.expiresAt?.toISOString() ?? null,
    lastUsedAt: row.lastUsedAt?.toISOString() ?? null,
    revokedAt: row.revokedAt?.toISOString() ?? null,
  });
}
