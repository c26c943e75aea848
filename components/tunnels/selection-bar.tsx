"use client";

import { Lock, LockOpen, Power, PowerOff, X } from "lucide-react";
import { useState } from "react";
import { plural } from "#components/lib/format.ts";
import { Button } from "#components/ui/button.tsx";
import { Icon } from "#components/ui/icon.tsx";
import type { TunnelDto } from "#protocol/api/tunnels.ts";
import { SwitchOffDialog } from "./switch-off-dialog.tsx";
import { affectedBy } from "./tunnel-change.ts";
import { useChangeTunnels } from "./use-tunnel-actions.ts";

interface SelectionBarProps {
  readonly selected: readonly TunnelDto[];
  readonly onClear: () => void;
}

/** What can be done with the selected rows; each button names how many it would change. */
export function SelectionBar({ selected, onClear }: SelectionBarProps) {
  const change = useChangeTunnels();
  const [isAsking, setAsking] = useState(false);
  const toForce = affectedBy(selected, { forceTunnel: true });
  const toRelease = affectedBy(selected, { forceTunnel: false });
  const toSwitchOff = affectedBy(selected, { enabled: false });
  const toSwitchOn = affectedBy(selected, { enabled: true });
  return (
    <div
      role="toolbar"
      aria-label="Selected tunnels"
      className="fixed inset-x-4 bottom-20 z-30 mx-auto flex w-fit animate-slide flex-wrap items-center gap-2 rounded-xl border border-line bg-surface px-3 py-2 shadow-float md:bottom-6"
    >
      <span role="status" className="px-1 text-sm font-medium">
        {plural(selected.length, "tunnel")} selected
      </span>
      {toForce.length > 0 && (
        <Button
          isBusy={change.isPending}
          onClick={() => change.mutate({ tunnels: toForce, body: { forceTunnel: true } })}
        >
          <Icon icon={Lock} size={14} />
          Force {toForce.length}
        </Button>
      )}
      {toRelease.length > 0 && (
        <Button
          isBusy={change.isPending}
          onClick={() => change.mutate({ tunnels: toRelease, body: { forceTunnel: false } })}
        >
          <Icon icon={LockOpen} size={14} />
          Release {toRelease.length}
        </Button>
      )}
      {toSwitchOn.length > 0 && (
        <Button
          isBusy={change.isPending}
          onClick={() => change.mutate({ tunnels: toSwitchOn, body: { enabled: true } })}
        >
          <Icon icon={Power} size={14} />
          Switch on {toSwitchOn.length}
        </Button>
      )}
      {toSwitchOff.length > 0 && (
        <Button variant="danger" onClick={() => setAsking(true)}>
          <Icon icon={PowerOff} size={14} />
          Switch off {toSwitchOff.length}…
        </Button>
      )}
      <Button variant="ghost" size="icon" aria-label="Clear the selection" onClick={onClear}>
        <Icon icon={X} />
      </Button>
      <SwitchOffDialog
        tunnels={toSwitchOff}
        isOpen={isAsking}
        onOpenChange={setAsking}
        onConfirm={() => {
          setAsking(false);
          change.mutate({ tunnels: toSwitchOff, body: { enabled: false } });
        }}
      />
    </div>
  );
}
