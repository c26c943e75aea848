import type { Metadata } from "next";
import { AddCluster } from "#components/clusters/add/add-cluster.tsx";
import { Page } from "#components/layout/page-header.tsx";
import { requireActor } from "#server/http/current-actor.ts";

export const metadata: Metadata = { title: "Add a cluster" };

export default async function NewClusterPage() {
  await requireActor();
  return (
    <Page>
      <AddCluster />
    </Page>
  );
}
