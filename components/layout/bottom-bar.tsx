"use client";

import Link from "next/link";
import { usePathname } from "next/navigation";
import { cn } from "#components/lib/cn.ts";
import { Icon } from "#components/ui/icon.tsx";
import { isInSection, NAV_ITEMS } from "./nav-items.ts";

/** The rail of narrow screens. */
export function BottomBar() {
  const pathname = usePathname();
  return (
    <nav
      aria-label="Main"
      className="fixed inset-x-0 bottom-0 z-30 grid h-15 grid-cols-6 border-t border-line bg-surface pb-[env(safe-area-inset-bottom)] md:hidden"
    >
      {NAV_ITEMS.map((item) => {
        const isCurrent = isInSection(pathname, item.href);
        return (
          <Link
            key={item.href}
            href={item.href}
            aria-current={isCurrent ? "page" : undefined}
            className={cn(
              "flex min-w-0 flex-col items-center justify-center gap-1 text-[10px] leading-3 -outline-offset-2",
              isCurrent ? "font-medium text-fg" : "text-muted",
            )}
          >
            <Icon icon={item.icon} />
            <span className="max-w-full truncate">{item.label}</span>
          </Link>
        );
      })}
    </nav>
  );
}
