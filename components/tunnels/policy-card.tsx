"use client";

import { useState, type ReactNode } from "react";
import { formatDuration } from "#components/lib/format.ts";
import { useCanOperate } from "#components/lib/me.tsx";
import { Button } from "#components/ui/button.tsx";
import { Card, CardBody, CardHeader } from "#components/ui/card.tsx";
import type { TunnelDto } from "#protocol/api/tunnels.ts";
import { PolicyDialog } from "./policy-dialog.tsx";
import { countOf } from "./traffic-words.ts";

/** What the relay applies to everything that a client opens on the tunnel. */
export function PolicyCard({ tunnel }: { readonly tunnel: TunnelDto }) {
  const [isOpen, setOpen] = useState(false);
  const canOperate = useCanOperate();
  const { policy, protocol } = tunnel;
  const { connectTimeoutMs, idleTimeoutMs, maxConnections, directDrainMs } = policy;
  return (
    <Card>
      <CardHeader
        title="Policy"
        actions={
          canOperate && (
            <Button size="sm" onClick={() => setOpen(true)}>
              Edit
            </Button>
          )
        }
      />
      <CardBody>
        <dl className="grid grid-cols-[1fr_auto] gap-x-4 gap-y-2 text-sm">
          <Rule name="Service must answer within">{formatDuration(connectTimeoutMs)}</Rule>
          <Rule name="Closed when idle for">{formatDuration(idleTimeoutMs)}</Rule>
          <Rule name="At most">{countOf(maxConnections, protocol)}</Rule>
          <Rule name="After a switch to direct">
            {directDrainMs === null ? "Live on" : `Closed after ${formatDuration(directDrainMs)}`}
          </Rule>
        </dl>
        {protocol === "http" && <AllowedOrigins origins={policy.allowedOrigins} />}
      </CardBody>
      {isOpen && <PolicyDialog tunnel={tunnel} onClose={() => setOpen(false)} />}
    </Card>
  );
}

function Rule({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <>
      <dt className="text-muted">{name}</dt>
      <dd className="text-right">{children}</dd>
    </>
  );
}

/** Whose pages may open WebSockets: a browser says where a page comes from. */
function AllowedOrigins({ origins }: { readonly origins: readonly string[] }) {
  return (
    <div className="mt-3 border-t border-line pt-3 text-sm">
      <p className="text-muted">
        {origins.length === 0
          ? "Only the site's own pages may open WebSockets."
          : "The site's own pages may open WebSockets, and those of:"}
      </p>
      {origins.length > 0 && (
        <ul className="mt-1.5 flex flex-col gap-1">
          {origins.map((origin) => (
            <li key={origin} className="mono [overflow-wrap:anywhere]">
              {origin}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
