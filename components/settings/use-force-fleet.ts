"use client";

import { useQueryClient } from "@tanstack/react-query";
import { apiRequest } from "#components/lib/api-client.ts";
import { useApiMutation } from "#components/lib/use-api-mutation.ts";
import { showToast } from "#components/ui/toast-store.ts";
import { SettingsDto, type PatchSettingsBody } from "#protocol/api/settings.ts";
import { settingsKeys } from "./settings-queries.ts";

/** Forces the whole fleet through the tunnel or releases it; a release offers *Undo*. */
export function useForceFleet() {
  const queryClient = useQueryClient();
  const mutation = useApiMutation({
    run: (body: PatchSettingsBody) =>
      apiRequest(SettingsDto, "/api/v1/settings", { method: "PATCH", body }),
    failure: "The fleet's routing could not be changed",
    onDone: (settings, { forceTunnel }) => {
      queryClient.setQueryData(settingsKeys.all, settings);
      showToast({
        title: forceTunnel
          ? "The fleet is forced through the tunnel"
          : "The fleet follows its own rules again",
        about: "force:fleet",
        detail: "What is open is not touched.",
        onUndo: () => mutation.mutate({ forceTunnel: !forceTunnel }),
      });
    },
  });
  return mutation;
}
