import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { ClusterView } from "#components/clusters/cluster-view.tsx";
import { ClusterId } from "#protocol/api/ids.ts";
import { requireActor } from "#server/http/current-actor.ts";

export const metadata: Metadata = { title: "Cluster" };

interface ClusterPageProps {
  readonly params: Promise<{ readonly clusterId: string }>;
}

export default async function ClusterPage({ params }: ClusterPageProps) {
  const parsed = ClusterId.safeParse((await params).clusterId);
  if (!parsed.success) notFound();
  await requireActor();
  return <ClusterView clusterId={parsed.data} />;
}
