"use client";

import { Check, Copy } from "lucide-react";
import { useEffect, useState } from "react";
import { copyText } from "#components/lib/copy-text.ts";
import { Button, type ButtonLook } from "./button.tsx";
import { Icon } from "./icon.tsx";

const CONFIRM_MS = 1_600;

interface CopyButtonProps extends ButtonLook {
  readonly text: string;
  /** What is copied, for the accessible name: "endpoint", "command". */
  readonly what: string;
  /** Shown beside the icon. */
  readonly children?: string;
}

/** Copies and says so in place. */
export function CopyButton({ text, what, children, variant, size }: CopyButtonProps) {
  const [isCopied, setCopied] = useState(false);
  // Takes the confirmation back after a moment.
  useEffect(() => {
    if (!isCopied) return;
    const timer = setTimeout(() => setCopied(false), CONFIRM_MS);
    return () => clearTimeout(timer);
  }, [isCopied]);

  const copy = (): void => {
    void copyText(text).then(setCopied);
  };
  return (
    <Button
      variant={variant ?? (children === undefined ? "ghost" : "default")}
      size={size ?? (children === undefined ? "icon-sm" : "md")}
      onClick={copy}
      {...(children === undefined
        ? { "aria-label": isCopied ? "Copied" : `Copy ${what}`, title: `Copy ${what}` }
        : {})}
    >
      <span className={isCopied ? "text-success" : undefined}>
        <Icon icon={isCopied ? Check : Copy} size={14} />
      </span>
      {children !== undefined && (isCopied ? "Copied" : children)}
      <span role="status" className="sr-only">
        {isCopied ? `${what} copied` : ""}
      </span>
    </Button>
  );
}
