import type { Metadata } from "next";
import { ClustersView } from "#components/clusters/clusters-view.tsx";
import { requireActor } from "#server/http/current-actor.ts";

export const metadata: Metadata = { title: "Clusters" };

export default async function ClustersPage() {
  await requireActor();
  return <ClustersView />;
}
