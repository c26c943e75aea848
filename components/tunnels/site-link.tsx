import { ExternalLink } from "lucide-react";
import type { ReactNode } from "react";
import { Icon } from "#components/ui/icon.tsx";

interface SiteLinkProps {
  readonly url: string;
  /** Its address, as it is shown. */
  readonly children: ReactNode;
}

/** Opens what a tunnel serves, in a tab of its own. */
export function SiteLink({ url, children }: SiteLinkProps) {
  return (
    <a
      href={url}
      title={`Open ${url}`}
      target="_blank"
      rel="noopener noreferrer"
      className="flex min-w-0 items-center gap-1.5 rounded-sm text-muted underline-offset-[3px] hover:text-fg hover:underline"
    >
      {children}
      <Icon icon={ExternalLink} size={12} />
      <span className="sr-only"> (opens in a new tab)</span>
    </a>
  );
}
