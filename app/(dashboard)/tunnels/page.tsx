import type { Metadata } from "next";
import { Page, PageHeader } from "#components/layout/page-header.tsx";
import { TunnelsTable } from "#components/tunnels/tunnels-table.tsx";
import { requireActor } from "#server/http/current-actor.ts";

export const metadata: Metadata = { title: "Tunnels" };

export default async function TunnelsPage() {
  await requireActor();
  return (
    <Page width="wide">
      <PageHeader title="Tunnels" />
      <TunnelsTable />
    </Page>
  );
}
