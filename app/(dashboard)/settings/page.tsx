import type { Metadata } from "next";
import { SettingsView } from "#components/settings/settings-view.tsx";
import { requireActor } from "#server/http/current-actor.ts";

export const metadata: Metadata = { title: "Settings" };

export default async function SettingsPage() {
  await requireActor();
  return <SettingsView />;
}
