"use client";

import { Ellipsis, ExternalLink, Lock, LockOpen, Power, PowerOff } from "lucide-react";
import Link from "next/link";
import { useState } from "react";
import { Facts, PageHeader } from "#components/layout/page-header.tsx";
import { useCanOperate } from "#components/lib/me.tsx";
import { plural } from "#components/lib/format.ts";
import { Button, ExternalButtonLink } from "#components/ui/button.tsx";
import { Chip } from "#components/ui/chip.tsx";
import { CopyButton } from "#components/ui/copy-button.tsx";
import { Icon } from "#components/ui/icon.tsx";
import { Menu, MenuItem, MenuSeparator } from "#components/ui/menu.tsx";
import { Status } from "#components/ui/status.tsx";
import type { TunnelDto } from "#protocol/api/tunnels.ts";
import { ModeChip } from "./mode-chip.tsx";
import { SiteAddresses } from "./site-addresses.tsx";
import { siteUrl } from "./site-url.ts";
import { SwitchOffDialog } from "./switch-off-dialog.tsx";
import { endpointsInForce } from "./tunnel-endpoints.ts";
import { tunnelName, tunnelOrigin } from "./tunnel-name.ts";
import { serviceTrouble } from "./tunnel-trouble.ts";
import { PROTOCOLS, STATUSES, tunnelStatus } from "./tunnel-words.ts";
import { useChangeTunnels } from "./use-tunnel-actions.ts";

/** What it is, how it is, and what can be done with it. */
export function TunnelHeader({ tunnel }: { readonly tunnel: TunnelDto }) {
  const canOperate = useCanOperate();
  const endpoints = endpointsInForce(tunnel);
  const { desired, effective, forced } = tunnel.routingMode;
  const { word, tone } = STATUSES[tunnelStatus(tunnel)];
  const site = siteUrl(tunnel);
  return (
    <PageHeader
      title={tunnelName(tunnel)}
      chips={
        <>
          <Chip>{PROTOCOLS[tunnel.protocol]}</Chip>
          {(forced || desired !== "tunnel" || effective !== "tunnel") && (
            <ModeChip tunnel={tunnel} isLong />
          )}
        </>
      }
      actions={
        <>
          {site !== null && (
            <ExternalButtonLink href={site} variant="primary">
              <Icon icon={ExternalLink} size={14} />
              Open site
            </ExternalButtonLink>
          )}
          {endpoints.map(({ kind, address }, index) => (
            <CopyButton
              key={kind}
              text={kind === "edge" ? (tunnel.http?.siteUrl ?? address) : address}
              what={kind === "direct" ? "direct endpoint" : "endpoint"}
            >
              {index > 0 ? "Copy direct" : kind === "edge" ? "Copy address" : "Copy endpoint"}
            </CopyButton>
          ))}
          {canOperate && <TunnelMenu tunnel={tunnel} />}
        </>
      }
    >
      <Facts>
        <Status tone={tone}>{word}</Status>
        <Link href={`/clusters/${tunnel.clusterId}`} className="rounded-sm hover:text-fg">
          {tunnel.clusterName}
        </Link>
        <span className="mono">{tunnelOrigin(tunnel)}</span>
        <span>{backendsWords(tunnel)}</span>
      </Facts>
      {tunnel.http !== null && <SiteAddresses http={tunnel.http} />}
    </PageHeader>
  );
}

function backendsWords(tunnel: TunnelDto): string {
  const { backends, agents } = tunnel;
  const ready = backends.filter((backend) => backend.ready).length;
  if (backends.length === 0) return "no backend";
  // What is ready only an agent can see.
  if (agents.length === 0) return plural(backends.length, "backend");
  const trouble = serviceTrouble(tunnel)?.ofBackend ?? null;
  if (trouble !== null) return `1 backend, ${trouble}`;
  return ready === backends.length
    ? `${plural(ready, "backend")} ready`
    : `${ready} of ${plural(backends.length, "backend")} ready`;
}

function TunnelMenu({ tunnel }: { readonly tunnel: TunnelDto }) {
  const change = useChangeTunnels();
  const [isAsking, setAsking] = useState(false);
  const tunnels = [tunnel];
  return (
    <>
      <Menu
        trigger={
          <Button variant="ghost" size="icon" aria-label={`More for ${tunnelName(tunnel)}`}>
            <Icon icon={Ellipsis} />
          </Button>
        }
      >
        <MenuItem
          icon={tunnel.forceTunnel ? LockOpen : Lock}
          onSelect={() => change.mutate({ tunnels, body: { forceTunnel: !tunnel.forceTunnel } })}
        >
          {tunnel.forceTunnel ? "Release from the forced tunnel" : "Force through the tunnel"}
        </MenuItem>
        <MenuSeparator />
        {tunnel.enabled ? (
          <MenuItem icon={PowerOff} tone="danger" onSelect={() => setAsking(true)}>
            Switch off…
          </MenuItem>
        ) : (
          <MenuItem
            icon={Power}
            onSelect={() => change.mutate({ tunnels, body: { enabled: true } })}
          >
            Switch on
          </MenuItem>
        )}
      </Menu>
      <SwitchOffDialog
        tunnels={tunnels}
        isOpen={isAsking}
        onOpenChange={setAsking}
        onConfirm={() => {
          setAsking(false);
          change.mutate({ tunnels, body: { enabled: false } });
        }}
      />
    </>
  );
}
