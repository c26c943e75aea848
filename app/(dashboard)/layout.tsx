import type { ReactNode } from "react";
import { Shell } from "#components/layout/shell.tsx";
import { MeProvider } from "#components/lib/me.tsx";
import { requireActor } from "#server/http/current-actor.ts";

export default async function DashboardLayout({ children }: { readonly children: ReactNode }) {
  const { name, role } = await requireActor();
  return (
    <MeProvider me={{ name, role }}>
      <Shell>{children}</Shell>
    </MeProvider>
  );
}
