"use client";

import { plural } from "#components/lib/format.ts";
import { TRAFFIC, type TrafficWords } from "#components/tunnels/traffic-words.ts";
import { ConfirmDialog } from "#components/ui/confirm-dialog.tsx";

interface CloseConnectionsDialogProps {
  readonly count: number;
  /** What they are: connections unless said otherwise. */
  readonly words?: Pick<TrafficWords, "one" | "many">;
  /** What else is cut, one sentence. */
  readonly also?: string;
  /** "on orders-postgres", "on 3 tunnels". */
  readonly where: string;
  readonly isOpen: boolean;
  readonly isBusy: boolean;
  readonly onOpenChange: (isOpen: boolean) => void;
  readonly onConfirm: () => void;
}

/** Asks before many are cut, in numbers. */
export function CloseConnectionsDialog(props: CloseConnectionsDialogProps) {
  const { count, where, isOpen, isBusy, onOpenChange, onConfirm } = props;
  const { one, many } = props.words ?? TRAFFIC.tcp;
  const also = props.also === undefined ? "" : ` ${props.also}`;
  const connections = plural(count, one, many);
  return (
    <ConfirmDialog
      isOpen={isOpen}
      onOpenChange={onOpenChange}
      title={`Close ${connections}?`}
      description={`${connections} ${where} ${count === 1 ? "is" : "are"} cut at once, in the middle of whatever ${count === 1 ? "it does" : "they do"}.${also} Clients may connect again.`}
      confirmLabel={`Close ${connections}`}
      isBusy={isBusy}
      onConfirm={onConfirm}
    />
  );
}
