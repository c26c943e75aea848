import Link from "next/link";
import type { ComponentProps, MouseEvent, ReactNode } from "react";
import { cn } from "#components/lib/cn.ts";

export type ButtonVariant = "default" | "primary" | "ghost" | "danger" | "danger-solid";
export type ButtonSize = "md" | "sm" | "icon" | "icon-sm";

const BASE =
  "inline-flex shrink-0 select-none items-center justify-center gap-1.5 whitespace-nowrap rounded-md border font-medium text-sm transition-colors duration-100 disabled:opacity-50 aria-disabled:opacity-50";

const VARIANTS: Record<ButtonVariant, string> = {
  default: "border-line-strong bg-surface text-fg shadow-card enabled:hover:bg-raised",
  primary: "border-fg bg-fg text-background enabled:hover:bg-fg/88",
  ghost:
    "border-transparent bg-transparent text-muted enabled:hover:bg-raised enabled:hover:text-fg",
  danger: "border-line-strong bg-surface text-danger shadow-card enabled:hover:bg-danger-soft",
  "danger-solid": "border-danger bg-danger text-background enabled:hover:bg-danger/88",
};

const SIZES: Record<ButtonSize, string> = {
  md: "h-8 px-3",
  sm: "h-7 px-2.5 text-xs",
  icon: "size-8",
  "icon-sm": "size-7",
};

export interface ButtonLook {
  readonly variant?: ButtonVariant;
  readonly size?: ButtonSize;
}

export function buttonClass({ variant = "default", size = "md" }: ButtonLook = {}): string {
  return cn(BASE, VARIANTS[variant], SIZES[size]);
}

interface ButtonProps extends ButtonLook, ComponentProps<"button"> {
  /** Shows that the work is under way and takes no second click; keeps the focus, which a disabled button would lose. */
  readonly isBusy?: boolean;
  /** Waits for another control's work: takes no click either and keeps the focus, but is not the one at work. */
  readonly isInert?: boolean;
}

/** Neither clicked nor submitted, nor opening what it is the trigger of. */
const INERT = {
  "aria-disabled": true,
  onClick: (event: MouseEvent<HTMLButtonElement>) => event.preventDefault(),
  onPointerDown: undefined,
  onKeyDown: undefined,
} as const;

export function Button(props: ButtonProps) {
  const { variant, size, isBusy = false, isInert = false, className, children, ...rest } = props;
  return (
    <button
      type="button"
      {...rest}
      {...((isBusy || isInert) && INERT)}
      {...(isBusy && { "aria-busy": true })}
      className={cn(buttonClass({ ...(variant && { variant }), ...(size && { size }) }), className)}
    >
      {isBusy && <Spinner />}
      {children}
    </button>
  );
}

interface ButtonLinkProps extends ButtonLook {
  readonly href: string;
  readonly children: ReactNode;
}

/** Looks like a button, goes somewhere. */
export function ButtonLink({ href, children, ...look }: ButtonLinkProps) {
  return (
    <Link href={href} className={cn(buttonClass(look), "hover:bg-raised")}>
      {children}
    </Link>
  );
}

/** Opens another site in a tab of its own. That site learns nothing of this page. */
export function ExternalButtonLink({ href, children, ...look }: ButtonLinkProps) {
  return (
    <a
      href={href}
      target="_blank"
      rel="noopener noreferrer"
      className={cn(
        buttonClass(look),
        look.variant === "primary" ? "hover:bg-fg/88" : "hover:bg-raised",
      )}
    >
      {children}
      <span className="sr-only"> (opens in a new tab)</span>
    </a>
  );
}

function Spinner() {
  return (
    <span
      aria-hidden="true"
      className="size-3 animate-spin rounded-full border-[1.5px] border-current border-r-transparent"
    />
  );
}
