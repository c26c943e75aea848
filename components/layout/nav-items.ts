import {
  Activity,
  ArrowLeftRight,
  Box,
  LayoutDashboard,
  Settings,
  type LucideIcon,
} from "lucide-react";
import { TunnelIcon } from "#components/ui/icons.tsx";

export interface NavItem {
  readonly href: string;
  readonly label: string;
  readonly icon: LucideIcon;
  /** Which of the fleet's totals stands beside it. */
  readonly count?: "clusters" | "tunnels" | "connectionsOpen";
}

export const NAV_ITEMS: readonly NavItem[] = [
  { href: "/", label: "Overview", icon: LayoutDashboard },
  { href: "/clusters", label: "Clusters", icon: Box, count: "clusters" },
  { href: "/tunnels", label: "Tunnels", icon: TunnelIcon, count: "tunnels" },
  { href: "/connections", label: "Connections", icon: ArrowLeftRight, count: "connectionsOpen" },
  { href: "/activity", label: "Activity", icon: Activity },
  { href: "/settings", label: "Settings", icon: Settings },
];

/** The section a path belongs to. */
export function findSection(pathname: string): NavItem | null {
  return NAV_ITEMS.find(({ href }) => isInSection(pathname, href)) ?? null;
}

export function isInSection(pathname: string, href: string): boolean {
  return href === "/" ? pathname === "/" : pathname === href || pathname.startsWith(`${href}/`);
}
