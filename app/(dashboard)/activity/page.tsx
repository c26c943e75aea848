import type { Metadata } from "next";
import { ActivityView } from "#components/activity/activity-view.tsx";
import { requireActor } from "#server/http/current-actor.ts";

export const metadata: Metadata = { title: "Activity" };

export default async function ActivityPage() {
  await requireActor();
  return <ActivityView />;
}
