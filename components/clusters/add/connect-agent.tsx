"use client";

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { settingsQueries } from "#components/settings/settings-queries.ts";
import { Skeleton } from "#components/ui/skeleton.tsx";
import { Tabs } from "#components/ui/tabs.tsx";
import { InCluster } from "./in-cluster.tsx";
import { PlainHost } from "./plain-host.tsx";

interface ConnectAgentProps {
  readonly token: string;
}

type Place = "plain" | "helm" | "kubectl";

/** Where the agent is to run, and the commands that start it there. */
export function ConnectAgent({ token }: ConnectAgentProps) {
  const { data: settings } = useQuery(settingsQueries.get());
  const [place, setPlace] = useState<Place>("plain");
  if (settings === undefined) return <Skeleton className="h-40 w-full" />;
  return (
    <div className="flex flex-col gap-3">
      <Tabs
        label="Where the agent runs"
        value={place}
        onChange={setPlace}
        tabs={[
          {
            value: "plain",
            label: "Plain host",
            content: <PlainHost publicUrl={settings.publicUrl} token={token} />,
          },
          {
            value: "helm",
            label: "Helm",
            content: <InCluster tool="helm" settings={settings} token={token} />,
          },
          {
            value: "kubectl",
            label: "kubectl",
            content: <InCluster tool="kubectl" settings={settings} token={token} />,
          },
        ]}
      />
      <p className="text-xs text-muted">
        The token is shown only now. You can make another one on the cluster’s page, under Settings.
      </p>
    </div>
  );
}
