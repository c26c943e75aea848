import { z } from "zod";
import { ApiKeyPage, CreateApiKeyBody, CreatedApiKey } from "#protocol/api/api-keys.ts";
import { AuditListQuery, AuditPage } from "#protocol/api/audit.ts";
import { ApiKeyId } from "#protocol/api/ids.ts";
import { PatchSettingsBody, SettingsDto } from "#protocol/api/settings.ts";
import { route } from "#server/http/route.ts";
import { createApiKey } from "#server/services/api-keys/create-api-key.ts";
import { listApiKeys } from "#server/services/api-keys/list-api-keys.ts";
import { revokeApiKey } from "#server/services/api-keys/revoke-api-key.ts";
import { listAudit } from "#server/services/audit/list-audit.ts";
import { getSettings } from "#server/services/settings/get-settings.ts";
import { patchSettings } from "#server/services/settings/patch-settings.ts";

export const administrationRoutes = {
  settings: route({
    method: "GET",
    path: "/settings",
    summary: "Get the fleet's settings and this installation's facts",
    role: "viewer",
    response: SettingsDto,
    run: ({ runtime, actor }) => getSettings(runtime, actor),
  }),
  patchSettings: route({
    method: "PATCH",
    path: "/settings",
    summary: "Force the whole fleet's tunnels, or stop forcing them",
    role: "operator",
    body: PatchSettingsBody,
    response: SettingsDto,
    run: ({ runtime, actor, body }) => patchSettings(runtime, actor, body),
  }),
  audit: route({
    method: "GET",
    path: "/audit",
    summary: "List what was done, newest first",
    role: "viewer",
    query: AuditListQuery,
    response: AuditPage,
    run: ({ runtime, actor, query }) => listAudit(runtime, actor, query),
  }),
  apiKeys: route({
    method: "GET",
    path: "/api-keys",
    summary: "List API keys",
    role: "admin",
    response: ApiKeyPage,
    run: ({ runtime, actor }) => listApiKeys(runtime, actor),
  }),
  createApiKey: route({
    method: "POST",
    path: "/api-keys",
    summary: "Create an API key; it is shown once",
    role: "admin",
    body: CreateApiKeyBody,
    response: CreatedApiKey,
    status: 201,
    run: ({ runtime, actor, body }) => createApiKey(runtime, actor, body),
  }),
  revokeApiKey: route({
    method: "DELETE",
    path: "/api-keys/{id}",
    summary: "Revoke an API key; what was opened with it is closed",
    role: "admin",
    params: z.object({ id: ApiKeyId }),
    run: ({ runtime, actor, params }) => revokeApiKey(runtime, actor, params),
  }),
} as const;
