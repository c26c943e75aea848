"use client";

import { AlertDialog } from "radix-ui";
import type { ReactNode } from "react";
import { Button, buttonClass } from "./button.tsx";

interface ConfirmDialogProps {
  readonly isOpen: boolean;
  readonly onOpenChange: (isOpen: boolean) => void;
  readonly title: string;
  /** What will happen, in numbers. */
  readonly description: ReactNode;
  /** Names the object: "Close 12 connections". */
  readonly confirmLabel: string;
  readonly onConfirm: () => void;
  readonly tone?: "danger" | "neutral";
  readonly isBusy?: boolean;
  /** More to say or to ask, below the description. */
  readonly children?: ReactNode;
}

/** Asks before something that cannot simply be undone. The safe button has the focus. */
export function ConfirmDialog(props: ConfirmDialogProps) {
  const { isOpen, onOpenChange, title, description, confirmLabel, onConfirm } = props;
  const { tone = "danger", isBusy = false, children } = props;
  return (
    <AlertDialog.Root open={isOpen} onOpenChange={onOpenChange}>
      <AlertDialog.Portal>
        <AlertDialog.Overlay className="fixed inset-0 z-40 animate-fade bg-scrim" />
        <AlertDialog.Content className="fixed left-1/2 top-[18vh] z-50 w-[calc(100vw-32px)] max-w-[440px] -translate-x-1/2 animate-rise overflow-hidden rounded-xl border border-line bg-surface shadow-float">
          <div className="px-5 pb-4 pt-4">
            <AlertDialog.Title className="text-md font-semibold tracking-tight">
              {title}
            </AlertDialog.Title>
            <AlertDialog.Description asChild>
              <div className="mt-1.5 text-sm text-muted">{description}</div>
            </AlertDialog.Description>
            {children !== undefined && <div className="mt-4">{children}</div>}
          </div>
          <div className="flex flex-wrap justify-end gap-2 border-t border-line bg-background px-5 py-3">
            <AlertDialog.Cancel className={buttonClass()}>Cancel</AlertDialog.Cancel>
            <Button
              variant={tone === "danger" ? "danger-solid" : "primary"}
              isBusy={isBusy}
              onClick={onConfirm}
            >
              {confirmLabel}
            </Button>
          </div>
        </AlertDialog.Content>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}
