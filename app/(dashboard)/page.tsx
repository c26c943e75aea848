import type { Metadata } from "next";
import { Overview } from "#components/overview/overview.tsx";
import { requireActor } from "#server/http/current-actor.ts";

export const metadata: Metadata = { title: "Overview" };

export default async function OverviewPage() {
  await requireActor();
  return <Overview />;
}
