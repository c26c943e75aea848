import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { Page } from "#components/layout/page-header.tsx";
import { TunnelPageView } from "#components/tunnels/tunnel-view-page.tsx";
import { TunnelId } from "#protocol/api/ids.ts";
import { requireActor } from "#server/http/current-actor.ts";

export const metadata: Metadata = { title: "Tunnel" };

export default async function TunnelPage({ params }: { params: Promise<{ tunnelId: string }> }) {
  await requireActor();
  const parsed = TunnelId.safeParse((await params).tunnelId);
  if (!parsed.success) notFound();
  return (
    <Page>
      <TunnelPageView key={parsed.data} tunnelId={parsed.data} />
    </Page>
  );
}
