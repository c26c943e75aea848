import { ApiKeyDto } from "#protocol/api/api-keys.ts";
import type { Prisma } from "#server/db/generated/sqlite/client.ts";

export type ApiKeyRow = Prisma.ApiKeyGetPayload<object>;

export function toApiKeyDto(row: ApiKeyRow): ApiKeyDto {
  return ApiKeyDto.parse({
    id: row.id,
    name: row.name,
    role: row.role,
    prefix: row.prefix,
    createdAt: row.createdAt.toISOString(),
    expiresAt: row.expiresAt?.toISOString() ?? null,
    lastUsedAt: row.lastUsedAt?.toISOString() ?? null,
  });
}
