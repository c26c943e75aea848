"use client";

import { PanelLeftClose, PanelLeftOpen } from "lucide-react";
import Link from "next/link";
import { usePathname } from "next/navigation";
import { cn } from "#components/lib/cn.ts";
import { formatCount } from "#components/lib/format.ts";
import { buttonClass } from "#components/ui/button.tsx";
import { Icon } from "#components/ui/icon.tsx";
import { CulvertMark } from "#components/ui/icons.tsx";
import { isInSection, NAV_ITEMS, type NavItem } from "./nav-items.ts";
import { RailFoot } from "./rail-foot.tsx";
import { setRailCollapsed, useIsRailCollapsed } from "./theme.ts";
import { useFleetTotals } from "./use-fleet-totals.ts";

/** The left rail: icons and words, or icons alone. Its width follows `data-rail` on the document. */
export function Rail() {
  const pathname = usePathname();
  const totals = useFleetTotals();
  const isCollapsed = useIsRailCollapsed();
  const toggleLabel = isCollapsed ? "Expand the navigation" : "Collapse the navigation";
  return (
    <nav
      aria-label="Main"
      className="sticky top-0 hidden h-screen w-52 shrink-0 flex-col gap-0.5 border-r border-line bg-background px-2.5 py-3.5 md:flex rail-collapsed:w-[53px]"
    >
      <div className="flex items-center justify-between pb-3.5 rail-collapsed:flex-col rail-collapsed:gap-2">
        <Link
          href="/"
          aria-label="Culvert, overview"
          className="flex items-center gap-2.5 rounded-md px-1.5 py-1 text-[15px] font-semibold tracking-tight"
        >
          <CulvertMark size={20} />
          <span className="rail-collapsed:hidden">Culvert</span>
        </Link>
        <button
          type="button"
          aria-label={toggleLabel}
          title={toggleLabel}
          aria-expanded={!isCollapsed}
          onClick={() => setRailCollapsed(!isCollapsed)}
          className={cn(buttonClass({ variant: "ghost", size: "icon-sm" }), "text-faint")}
        >
          <Icon icon={isCollapsed ? PanelLeftOpen : PanelLeftClose} />
        </button>
      </div>
      {NAV_ITEMS.map((item) => (
        <RailLink
          key={item.href}
          item={item}
          isCurrent={isInSection(pathname, item.href)}
          count={item.count && totals ? totals[item.count] : null}
        />
      ))}
      <RailFoot />
    </nav>
  );
}

interface RailLinkProps {
  readonly item: NavItem;
  readonly isCurrent: boolean;
  readonly count: number | null;
}

function RailLink({ item, isCurrent, count }: RailLinkProps) {
  return (
    <Link
      href={item.href}
      title={item.label}
      aria-current={isCurrent ? "page" : undefined}
      className={cn(
        "flex h-8 items-center gap-2.5 rounded-md px-2 transition-colors duration-75 hover:text-fg",
        isCurrent ? "bg-raised font-medium text-fg" : "text-muted hover:bg-raised/60",
      )}
    >
      <Icon icon={item.icon} />
      <span className="rail-collapsed:sr-only">{item.label}</span>
      {count !== null && count > 0 && (
        <span className="ml-auto text-xs font-normal text-faint rail-collapsed:hidden">
          {formatCount(count)}
        </span>
      )}
    </Link>
  );
}
