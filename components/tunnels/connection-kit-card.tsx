"use client";

import { useSearchParam } from "#components/lib/use-search-param.ts";
import { Card, CardBody, CardHeader } from "#components/ui/card.tsx";
import { CodeLine } from "#components/ui/code-line.tsx";
import { Tabs } from "#components/ui/tabs.tsx";
import type { TunnelDto } from "#protocol/api/tunnels.ts";
import { connectionKit, type ConnectionKit } from "./connection-kit.ts";
import { mainEndpoint } from "./tunnel-words.ts";

/** How to connect to it, ready to copy. */
export function ConnectionKitCard({ tunnel }: { readonly tunnel: TunnelDto }) {
  const endpoint = mainEndpoint(tunnel);
  const [tab, setTab] = useSearchParam("connect", "");
  if (endpoint === null) {
    return (
      <Card>
        <CardHeader title="Connect" />
        <CardBody>
          <p className="text-sm text-muted">
            The commands to connect appear here as soon as the tunnel is published.
          </p>
        </CardBody>
      </Card>
    );
  }
  const kit = connectionKit(tunnel, endpoint.address);
  const [first] = kit.lines;
  const open = kit.lines.find(({ id }) => id === tab) ?? first;
  return (
    <Card label="How to connect">
      <h2 className="sr-only">How to connect</h2>
      <Tabs
        label="Ways to connect"
        look="card"
        value={open?.id ?? ""}
        onChange={(id) => setTab(id === first?.id ? "" : id)}
        tabs={kit.lines.map(({ id, label, text, note }) => ({
          value: id,
          label,
          content: (
            <div className="flex flex-col gap-2.5">
              <CodeLine text={text} what={`${label} line`} />
              <p className="text-xs text-muted">
                {[detection(kit), note, "Passwords are never part of a copied line."]
                  .filter((sentence) => sentence !== undefined && sentence !== "")
                  .join(" ")}
              </p>
            </div>
          ),
        }))}
      />
    </Card>
  );
}

function detection({ service, detectedBy }: ConnectionKit): string {
  return service === null ? "" : `Detected as ${service} from its ${detectedBy ?? "name"}.`;
}
