import { queryOptions } from "@tanstack/react-query";
import { apiRequest } from "#components/lib/api-client.ts";
import { ApiKeyPage } from "#protocol/api/api-keys.ts";
import { SettingsDto } from "#protocol/api/settings.ts";

export const settingsKeys = {
  all: ["settings"] as const,
  apiKeys: () => ["api-keys"] as const,
};

export const settingsQueries = {
  get: () =>
    queryOptions({
      queryKey: settingsKeys.all,
      queryFn: ({ signal }) => apiRequest(SettingsDto, "/api/v1/settings", { signal }),
    }),
  apiKeys: () =>
    queryOptions({
      queryKey: settingsKeys.apiKeys(),
      queryFn: ({ signal }) => apiRequest(ApiKeyPage, "/api/v1/api-keys", { signal }),
    }),
};
