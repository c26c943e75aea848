"use client";

import { Globe, TriangleAlert } from "lucide-react";
import { useState } from "react";
import { Button } from "#components/ui/button.tsx";
import { CopyButton } from "#components/ui/copy-button.tsx";
import { Icon } from "#components/ui/icon.tsx";
import type { HostnameDto, TunnelHttpDto } from "#protocol/api/tunnels.ts";
import { SiteLink } from "./site-link.tsx";
import { hostUrl, siteAddress } from "./site-url.ts";

/** Host names shown before a person asks for the rest. */
const SHOWN = 4;

/** Under which names the site is reached: its own, and those of its routes, with what keeps one from leading here. */
export function SiteAddresses({ http }: { readonly http: TunnelHttpDto }) {
  const [isWhole, setWhole] = useState(false);
  const { siteUrl, hostnames } = http;
  const shown = isWhole ? hostnames : hostnames.slice(0, SHOWN);
  const hidden = hostnames.length - shown.length;
  return (
    <ul aria-label="Addresses of the site" className="mt-1.5 flex flex-col text-sm">
      <li className="flex min-h-7 items-center">
        <Address text={siteAddress(siteUrl)} url={siteUrl} />
      </li>
      {shown.map((hostname) => (
        <li key={hostname.name} className="flex min-h-7 flex-wrap items-center gap-x-2">
          <HostName hostname={hostname} site={siteUrl} />
        </li>
      ))}
      {hidden > 0 && (
        <li>
          <Button variant="ghost" size="sm" className="-ml-2.5" onClick={() => setWhole(true)}>
            {hidden} more
          </Button>
        </li>
      )}
    </ul>
  );
}

function HostName({ hostname, site }: { readonly hostname: HostnameDto; readonly site: string }) {
  const { name, problem } = hostname;
  const url = hostUrl(site, name);
  if (problem !== null) {
    return (
      <>
        <span className="flex items-center gap-1.5">
          <span className="text-warning">
            <Icon icon={TriangleAlert} size={14} label="Does not lead here:" />
          </span>
          <span className="mono [overflow-wrap:anywhere]">{name}</span>
        </span>
        <span>{problem}</span>
      </>
    );
  }
  if (url !== null) return <Address text={name} url={url} />;
  return (
    <>
      <span className="flex items-center gap-1.5">
        <Icon icon={Globe} size={14} />
        <span className="mono [overflow-wrap:anywhere]">{name}</span>
      </span>
      <span>every name below it</span>
    </>
  );
}

interface AddressProps {
  readonly text: string;
  readonly url: string;
}

function Address({ text, url }: AddressProps) {
  return (
    <span className="flex min-w-0 items-center gap-1.5">
      <Icon icon={Globe} size={14} />
      <SiteLink url={url}>
        <span className="mono [overflow-wrap:anywhere]">{text}</span>
      </SiteLink>
      <CopyButton text={url} what={`address ${text}`} />
    </span>
  );
}
