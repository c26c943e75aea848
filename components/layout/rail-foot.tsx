"use client";

import { useQuery } from "@tanstack/react-query";
import { formatDuration } from "#components/lib/format.ts";
import { useNow } from "#components/lib/use-now.ts";
import { settingsQueries } from "#components/settings/settings-queries.ts";
import { Status } from "#components/ui/status.tsx";
import type { SettingsDto } from "#protocol/api/settings.ts";

const MINUTE_MS = 60_000;

/** Whether the relay runs, where this is, and which version. */
export function RailFoot() {
  const { data } = useQuery(settingsQueries.get());
  if (data === undefined) return null;
  return (
    <div className="mt-auto flex flex-col gap-1.5 px-2 pb-1 text-xs text-muted rail-collapsed:hidden">
      <RelayLine relays={data.relays} />
      <span className="truncate text-faint" title={data.publicUrl}>
        {hostOf(data.publicUrl)} · {data.version}
      </span>
    </div>
  );
}

function RelayLine({ relays }: { readonly relays: SettingsDto["relays"] }) {
  const now = useNow(MINUTE_MS);
  const up = relays.filter(({ status }) => status === "connected");
  if (up.length === 0) return <Status tone="danger">Relay away</Status>;
  if (up.length < relays.length) {
    return <Status tone="warning">{`${up.length} of ${relays.length} relays up`}</Status>;
  }
  const since = Math.max(...up.map(({ startedAt }) => new Date(startedAt).getTime()));
  const word = up.length === 1 ? "Relay" : `${up.length} relays`;
  const age = now - since;
  return (
    <Status tone="success">
      {age < MINUTE_MS ? `${word} just started` : `${word} up ${formatDuration(age)}`}
    </Status>
  );
}

function hostOf(url: string): string {
  try {
    return new URL(url).host;
  } catch {
    // Shown as it is configured.
    return url;
  }
}
