import type { ReactNode } from "react";
import { Card, CardHeader } from "#components/ui/card.tsx";
import { CopyButton } from "#components/ui/copy-button.tsx";
import { RelativeTime } from "#components/ui/relative-time.tsx";
import type { SettingsDto } from "#protocol/api/settings.ts";

const DATABASES: Record<SettingsDto["database"], string> = {
  sqlite: "SQLite, embedded",
  postgres: "PostgreSQL",
};

export function AboutCard({ settings }: { readonly settings: SettingsDto }) {
  return (
    <Card>
      <CardHeader title="About" />
      <dl className="px-4 py-2">
        <Fact name="Version">{settings.version}</Fact>
        <Fact name="Public address">
          <span className="mono">{settings.publicUrl}</span>
          <CopyButton text={settings.publicUrl} what="public address" />
        </Fact>
        <Fact name="Database">{DATABASES[settings.database]}</Fact>
        <Fact name="Dashboard started">
          <RelativeTime at={settings.startedAt} />
        </Fact>
        <Fact name="API">
          <a
            href="/api/v1/openapi.json"
            className="mono rounded-sm underline decoration-line-strong underline-offset-[3px]"
          >
            /api/v1/openapi.json
          </a>
        </Fact>
        <Fact name="Licence">Apache-2.0</Fact>
      </dl>
    </Card>
  );
}

interface FactProps {
  readonly name: string;
  readonly children: ReactNode;
}

function Fact({ name, children }: FactProps) {
  return (
    <div className="flex min-h-9 flex-wrap items-center justify-between gap-x-4 py-1">
      <dt className="text-muted">{name}</dt>
      <dd className="flex min-w-0 items-center gap-1 [overflow-wrap:anywhere]">{children}</dd>
    </div>
  );
}
