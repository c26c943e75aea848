"use client";

import { useQuery } from "@tanstack/react-query";
import { TriangleAlert } from "lucide-react";
import { Page, PageHeader } from "#components/layout/page-header.tsx";
import { useIsAdmin } from "#components/lib/me.tsx";
import { Card } from "#components/ui/card.tsx";
import { Icon } from "#components/ui/icon.tsx";
import { QueryView } from "#components/ui/query-view.tsx";
import type { SettingsDto } from "#protocol/api/settings.ts";
import { AboutCard } from "./about-card.tsx";
import { ApiKeysCard } from "./api-keys-card.tsx";
import { FleetCard } from "./fleet-card.tsx";
import { RelaysCard } from "./relays-card.tsx";
import { settingsQueries } from "./settings-queries.ts";

const FIGURES_REFRESH_MS = 10_000;

export function SettingsView() {
  const query = useQuery({ ...settingsQueries.get(), refetchInterval: FIGURES_REFRESH_MS });
  const isAdmin = useIsAdmin();
  return (
    <Page>
      <PageHeader title="Settings" />
      <QueryView
        query={query}
        failure="The settings could not be loaded"
        skeleton={<Card className="h-40">{null}</Card>}
      >
        {(settings) => (
          <div className="flex max-w-[880px] flex-col gap-5">
            <Warnings warnings={settings.warnings} />
            <FleetCard settings={settings} />
            {isAdmin && <ApiKeysCard />}
            <RelaysCard settings={settings} />
            <AboutCard settings={settings} />
          </div>
        )}
      </QueryView>
    </Page>
  );
}

function Warnings({ warnings }: Pick<SettingsDto, "warnings">) {
  if (warnings.length === 0) return null;
  return (
    <ul
      aria-label="Warnings"
      className="flex flex-col gap-2 rounded-lg border border-warning/25 bg-warning-soft px-4 py-3 text-sm text-warning"
    >
      {warnings.map((warning) => (
        <li key={warning} className="flex gap-2.5">
          <span className="pt-0.5">
            <Icon icon={TriangleAlert} />
          </span>
          {warning}
        </li>
      ))}
    </ul>
  );
}
