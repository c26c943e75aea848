"use client";

import { X } from "lucide-react";
import { Dialog as RadixDialog } from "radix-ui";
import type { ReactNode } from "react";
import { cn } from "#components/lib/cn.ts";
import { buttonClass } from "./button.tsx";
import { Icon } from "./icon.tsx";

interface DialogProps {
  readonly isOpen: boolean;
  readonly onOpenChange: (isOpen: boolean) => void;
  readonly title: string;
  /** One or two sentences below the title. */
  readonly description?: ReactNode;
  readonly children?: ReactNode;
  /** Buttons, the important one last. */
  readonly footer?: ReactNode;
  readonly width?: "sm" | "md" | "lg";
}

const WIDTHS = { sm: "max-w-[420px]", md: "max-w-[560px]", lg: "max-w-[760px]" } as const;

export function Dialog(props: DialogProps) {
  const { isOpen, onOpenChange, title, description, children, footer, width = "md" } = props;
  return (
    <RadixDialog.Root open={isOpen} onOpenChange={onOpenChange}>
      <RadixDialog.Portal>
        <RadixDialog.Overlay className="fixed inset-0 z-40 animate-fade bg-scrim" />
        <RadixDialog.Content
          {...(description === undefined ? { "aria-describedby": undefined } : {})}
          className={cn(
            "fixed left-1/2 top-[12vh] z-50 flex max-h-[80vh] w-[calc(100vw-32px)] -translate-x-1/2 animate-rise flex-col overflow-hidden rounded-xl border border-line bg-surface shadow-float",
            WIDTHS[width],
          )}
        >
          <div className="flex items-start gap-4 px-5 pt-4">
            <div className="min-w-0 flex-1">
              <RadixDialog.Title className="text-md font-semibold tracking-tight">
                {title}
              </RadixDialog.Title>
              {description !== undefined && (
                <RadixDialog.Description className="mt-1 text-sm text-muted">
                  {description}
                </RadixDialog.Description>
              )}
            </div>
            <RadixDialog.Close
              aria-label="Close this dialog"
              className={cn(buttonClass({ variant: "ghost", size: "icon-sm" }), "-mr-1.5")}
            >
              <Icon icon={X} />
            </RadixDialog.Close>
          </div>
          {children !== undefined && <div className="overflow-y-auto px-5 py-4">{children}</div>}
          {footer !== undefined && (
            <div className="mt-1 flex flex-wrap justify-end gap-2 border-t border-line bg-background px-5 py-3">
              {footer}
            </div>
          )}
        </RadixDialog.Content>
      </RadixDialog.Portal>
    </RadixDialog.Root>
  );
}
