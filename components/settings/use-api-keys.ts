"use client";

import { useQueryClient } from "@tanstack/react-query";
import { apiRequest } from "#components/lib/api-client.ts";
import { NoContent } from "#components/lib/no-content.ts";
import { useApiMutation } from "#components/lib/use-api-mutation.ts";
import { showToast } from "#components/ui/toast-store.ts";
import { CreatedApiKey, type CreateApiKeyBody } from "#protocol/api/api-keys.ts";
import { settingsKeys } from "./settings-queries.ts";

export function useCreateApiKey(onDone: (created: CreatedApiKey) => void) {
  const queryClient = useQueryClient();
  return useApiMutation({
    run: (body: CreateApiKeyBody) =>
      apiRequest(CreatedApiKey, "/api/v1/api-keys", { method: "POST", body }),
    failure: "The API key could not be created",
    onDone: (created) => {
      void queryClient.invalidateQueries({ queryKey: settingsKeys.apiKeys() });
      onDone(created);
    },
  });
}

export function useRevokeApiKey(onDone: () => void) {
  const queryClient = useQueryClient();
  return useApiMutation({
    run: (keyId: string) =>
      apiRequest(NoContent, `/api/v1/api-keys/${encodeURIComponent(keyId)}`, { method: "DELETE" }),
    failure: "The API key could not be revoked",
    onDone: () => {
      showToast({ title: "The API key is revoked" });
      void queryClient.invalidateQueries({ queryKey: settingsKeys.apiKeys() });
      onDone();
    },
  });
}
