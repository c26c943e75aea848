import { z } from "zod";
import { DisplayName, Role, Timestamp, page } from "./common.ts";
import { ApiKeyId } from "./ids.ts";

export const ApiKeyDto = z.object({
  id: ApiKeyId,
  name: z.string(),
  role: Role,
  /** First characters of the key, to recognise it. */
  prefix: z.string(),
  createdAt: Timestamp,
  expiresAt: Timestamp.nullable(),
  lastUsedAt: Timestamp.nullable(),
});
export type ApiKeyDto = z.infer<typeof ApiKeyDto>;
export const ApiKeyPage = page(ApiKeyDto);

export const CreateApiKeyBody = z.strictObject({
  name: DisplayName,
  role: Role.default("operator"),
  expiresInDays: z.number().int().min(1).max(3650).optional(),
});
export type CreateApiKeyBody = z.infer<typeof CreateApiKeyBody>;
/** The key is shown here once and never again. */
export const CreatedApiKey = z.object({ key: z.string(), item: ApiKeyDto });
export type CreatedApiKey = z.infer<typeof CreatedApiKey>;
