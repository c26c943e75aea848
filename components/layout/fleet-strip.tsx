"use client";

import { useQuery } from "@tanstack/react-query";
import { Lock } from "lucide-react";
import { formatMoment } from "#components/lib/format.ts";
import { useIsAdmin } from "#components/lib/me.tsx";
import { useNow } from "#components/lib/use-now.ts";
import { settingsQueries } from "#components/settings/settings-queries.ts";
import { useForceFleet } from "#components/settings/use-force-fleet.ts";
import { Icon } from "#components/ui/icon.tsx";

const MINUTE_MS = 60_000;

/** Stands on every page while the whole fleet is forced. */
export function FleetStrip() {
  const { data } = useQuery(settingsQueries.get());
  const force = useForceFleet();
  const now = useNow(MINUTE_MS);
  const isAdmin = useIsAdmin();
  if (data === undefined || !data.forceTunnel) return null;
  const { forcedBy } = data;
  return (
    <aside
      aria-label="Fleet routing"
      className="flex items-center gap-2.5 border-b border-warning/25 bg-warning-soft px-4 py-2 text-sm font-medium text-warning md:px-7"
    >
      <Icon icon={Lock} />
      <span className="min-w-0">
        Fleet is forced through the tunnel
        {forcedBy && ` since ${formatMoment(forcedBy.setAt, now)} by ${forcedBy.setBy}`}.
      </span>
      {isAdmin && (
        <button
          type="button"
          aria-disabled={force.isPending || undefined}
          onClick={() => {
            if (!force.isPending) force.mutate({ forceTunnel: false });
          }}
          className="ml-auto rounded-sm underline underline-offset-[3px]"
        >
          Undo
        </button>
      )}
    </aside>
  );
}
