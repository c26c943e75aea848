"use client";

import { ConfirmDialog } from "#components/ui/confirm-dialog.tsx";
import type { TunnelDto } from "#protocol/api/tunnels.ts";
import { openOn, subjectOf } from "./tunnel-change.ts";

interface SwitchOffDialogProps {
  readonly tunnels: readonly TunnelDto[];
  readonly isOpen: boolean;
  readonly onOpenChange: (isOpen: boolean) => void;
  readonly onConfirm: () => void;
}

/** Switching off cuts what is open: it asks first, in numbers. */
export function SwitchOffDialog(props: SwitchOffDialogProps) {
  const { tunnels, isOpen, onOpenChange, onConfirm } = props;
  const open = openOn(tunnels);
  const subject = subjectOf(tunnels);
  return (
    <ConfirmDialog
      isOpen={isOpen}
      onOpenChange={onOpenChange}
      title={`Switch off ${subject}?`}
      description={
        <>
          {open.count === 0
            ? "Nothing is open now. "
            : `${open.words} ${open.count === 1 ? "is" : "are"} cut at once. `}
          New clients are refused until {tunnels.length === 1 ? "it is" : "they are"} switched on
          again.
          {tunnels.some(({ routingMode }) => routingMode.effective !== "tunnel") &&
            " Clients of a direct address do not pass Culvert and are not stopped."}{" "}
          {keptWords(tunnels)} reserved.
        </>
      }
      confirmLabel={`Switch off ${subject}`}
      onConfirm={onConfirm}
    />
  );
}

/** What nobody else gets meanwhile: HTTP is found by a name, everything else at a port. */
function keptWords(tunnels: readonly TunnelDto[]): string {
  const [first] = tunnels;
  if (first === undefined || tunnels.length > 1) return "Their addresses stay";
  return first.protocol === "http" ? "Its name stays" : "Its port stays";
}
