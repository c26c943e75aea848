"use client";

import { ChevronRight } from "lucide-react";
import Link from "next/link";
import { usePathname } from "next/navigation";
import { Icon } from "#components/ui/icon.tsx";
import { useCurrentCrumb } from "./crumb-store.ts";
import { findSection } from "./nav-items.ts";

export function Breadcrumb() {
  const pathname = usePathname();
  const section = findSection(pathname);
  const crumb = useCurrentCrumb();
  if (section === null) return <span />;
  const isDeep = pathname !== section.href;
  return (
    <nav aria-label="Breadcrumb" className="min-w-0">
      <ol className="flex min-w-0 items-center gap-2 text-muted">
        <li className={isDeep ? "hidden sm:block" : "font-medium text-fg"}>
          {isDeep ? (
            <Link href={section.href} className="rounded-sm hover:text-fg">
              {section.label}
            </Link>
          ) : (
            <span aria-current="page">{section.label}</span>
          )}
        </li>
        {isDeep && crumb !== null && (
          <>
            <li aria-hidden="true" className="hidden sm:block">
              <Icon icon={ChevronRight} size={14} />
            </li>
            <li aria-current="page" className="truncate font-medium text-fg">
              {crumb}
            </li>
          </>
        )}
      </ol>
    </nav>
  );
}
