"use client";

import { CircleAlert, CircleCheck, X } from "lucide-react";
import { Toast as RadixToast } from "radix-ui";
import { useSyncExternalStore } from "react";
import { cn } from "#components/lib/cn.ts";
import { buttonClass } from "./button.tsx";
import { Icon } from "./icon.tsx";
import { toasts, type Toast } from "./toast-store.ts";

const NONE: readonly Toast[] = [];

/** Where toasts appear; mounted once. */
export function Toaster() {
  const shown = useSyncExternalStore(toasts.subscribe, toasts.get, () => NONE);
  return (
    <RadixToast.Provider swipeDirection="right" label="Notification">
      {shown.map((toast) => (
        <ToastItem key={toast.id} toast={toast} />
      ))}
      <RadixToast.Viewport className="fixed bottom-20 right-4 z-[60] flex w-[380px] max-w-[calc(100vw-32px)] flex-col gap-2 outline-none md:bottom-4" />
    </RadixToast.Provider>
  );
}

function ToastItem({ toast }: { readonly toast: Toast }) {
  const dismiss = (): void => toasts.dismiss(toast.id);
  const undo = (): void => {
    dismiss();
    toast.onUndo?.();
  };
  const isDanger = toast.tone === "danger";
  return (
    <RadixToast.Root
      duration={toast.durationMs}
      onOpenChange={(isOpen) => !isOpen && dismiss()}
      type={isDanger ? "foreground" : "background"}
      className="flex animate-slide items-start gap-3 rounded-lg border border-line bg-surface py-3 pl-4 pr-2 shadow-float"
    >
      <span className={cn("mt-0.5", isDanger ? "text-danger" : "text-success")}>
        <Icon icon={isDanger ? CircleAlert : CircleCheck} />
      </span>
      <div className="min-w-0 flex-1">
        <RadixToast.Title className="text-sm font-medium">{toast.title}</RadixToast.Title>
        {toast.detail !== undefined && (
          <RadixToast.Description className="text-xs text-muted">
            {toast.detail}
          </RadixToast.Description>
        )}
      </div>
      {toast.onUndo !== undefined && (
        <RadixToast.Action
          altText="Undo what was just done"
          onClick={undo}
          className={cn(buttonClass({ size: "sm" }), "-my-1")}
        >
          Undo
        </RadixToast.Action>
      )}
      <RadixToast.Close
        aria-label="Dismiss"
        className={cn(buttonClass({ variant: "ghost", size: "icon-sm" }), "-my-1")}
      >
        <Icon icon={X} size={14} />
      </RadixToast.Close>
    </RadixToast.Root>
  );
}
