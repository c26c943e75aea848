"use client";

import { CircleAlert, RotateCw } from "lucide-react";
import { Button } from "./button.tsx";
import { CopyButton } from "./copy-button.tsx";
import { Icon } from "./icon.tsx";

interface ErrorStateProps {
  /** What could not be done: "The clusters could not be loaded". */
  readonly title: string;
  /** Why, as the server said it. */
  readonly message: string;
  /** Quoted in a report. */
  readonly requestId?: string | null;
  readonly onRetry?: () => void;
}

/** What happened, a way to try again, and the request id to copy. */
export function ErrorState({ title, message, requestId, onRetry }: ErrorStateProps) {
  return (
    <div role="alert" className="flex flex-col items-center gap-1 px-6 py-10 text-center">
      <span className="mb-2 grid size-9 place-items-center rounded-lg bg-danger-soft text-danger">
        <Icon icon={CircleAlert} />
      </span>
      <p className="font-medium">{title}</p>
      <p className="max-w-[60ch] text-sm text-muted">{message}</p>
      {typeof requestId === "string" && (
        <p className="flex items-center gap-1 text-xs text-muted">
          Request <span className="mono">{requestId}</span>
          <CopyButton text={requestId} what="request id" />
        </p>
      )}
      {onRetry && (
        <div className="mt-3">
          <Button onClick={onRetry}>
            <Icon icon={RotateCw} size={14} />
            Try again
          </Button>
        </div>
      )}
    </div>
  );
}
