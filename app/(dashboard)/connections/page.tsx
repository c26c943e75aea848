import type { Metadata } from "next";
import { ConnectionsView } from "#components/connections/connections-view.tsx";
import { Page } from "#components/layout/page-header.tsx";
import { requireActor } from "#server/http/current-actor.ts";

export const metadata: Metadata = { title: "Connections" };

export default async function ConnectionsPage() {
  await requireActor();
  return (
    <Page width="wide">
      <ConnectionsView />
    </Page>
  );
}
