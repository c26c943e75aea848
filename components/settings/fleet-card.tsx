"use client";

import { useState } from "react";
import { plural } from "#components/lib/format.ts";
import { useIsAdmin } from "#components/lib/me.tsx";
import { Card, CardBody, CardHeader } from "#components/ui/card.tsx";
import { ConfirmDialog } from "#components/ui/confirm-dialog.tsx";
import { RelativeTime } from "#components/ui/relative-time.tsx";
import { Switch } from "#components/ui/switch.tsx";
import type { SettingsDto } from "#protocol/api/settings.ts";
import { useForceFleet } from "./use-force-fleet.ts";

interface FleetCardProps {
  readonly settings: SettingsDto;
}

/** The override above all others: asks first, with the numbers. */
export function FleetCard({ settings }: FleetCardProps) {
  const [isAsking, setAsking] = useState(false);
  const force = useForceFleet();
  const isAdmin = useIsAdmin();
  const { forceTunnel, forcedBy, impact } = settings;
  const change = (next: boolean): void => {
    if (next) setAsking(true);
    else force.mutate({ forceTunnel: false });
  };
  return (
    <Card>
      <CardHeader title="Fleet routing" />
      <CardBody>
        <Switch
          tone="warning"
          isOn={forceTunnel}
          isDisabled={!isAdmin}
          isBusy={force.isPending}
          onChange={change}
          label="Force the whole fleet through the tunnel"
          hint={
            forcedBy === null ? (
              "Overrides what clusters, tunnels and Gateways ask for. For incidents: when direct endpoints cannot be trusted."
            ) : (
              <>
                Since <RelativeTime at={forcedBy.setAt} look="moment" /> by {forcedBy.setBy}
              </>
            )
          }
        />
      </CardBody>
      <ConfirmDialog
        isOpen={isAsking}
        onOpenChange={setAsking}
        tone="neutral"
        title="Force the whole fleet through the tunnel?"
        description={
          <>
            {plural(impact.tunnels, "tunnel")} of {plural(impact.clusters, "cluster")} will carry
            every new connection through the relay, whatever their own settings say.{" "}
            {plural(impact.connectionsOpen, "open connection")} will go on undisturbed. You can undo
            it at any time.
          </>
        }
        confirmLabel={`Force ${plural(impact.tunnels, "tunnel")}`}
        isBusy={force.isPending}
        onConfirm={() => {
          setAsking(false);
          force.mutate({ forceTunnel: true });
        }}
      />
    </Card>
  );
}
