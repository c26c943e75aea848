import { CodeLine } from "#components/ui/code-line.tsx";
import { Status } from "#components/ui/status.tsx";
import type { EdgeDto, SettingsDto } from "#protocol/api/settings.ts";
import { wildcardRecord } from "./wildcard-record.ts";

type EdgeSectionProps = Pick<SettingsDto, "edge" | "relayHost">;

const STATES = {
  listening: { word: "Listening", tone: "success" },
  failed: { word: "Port not open", tone: "danger" },
  closed: { word: "No HTTP tunnel yet", tone: "off" },
} as const satisfies Record<EdgeDto["state"], object>;

/** Where HTTP tunnels are served, and the DNS record that they need. */
export function EdgeSection({ edge, relayHost }: EdgeSectionProps) {
  const { domain, port, state, reason } = edge;
  const { word, tone } = STATES[state];
  const isLocal = domain.endsWith("localhost");
  return (
    <section aria-label="HTTP edge" className="flex flex-col gap-2">
      <div className="flex flex-wrap items-baseline justify-between gap-x-4 gap-y-1">
        <p>
          HTTP tunnels are at names below <span className="mono">{domain}</span>, port{" "}
          <span className="mono">{port}</span>
        </p>
        <span className="text-sm">
          <Status tone={tone}>{word}</Status>
        </span>
      </div>
      {reason !== null && <p className="text-sm text-danger">{reason}</p>}
      <p className="text-sm text-muted">
        {isLocal
          ? "Names below .localhost lead to this machine alone, without any DNS. For everybody else, set CULVERT_EDGE_DOMAIN to a domain of yours and point a wildcard record at the relay, for example:"
          : "Browsers find the tunnels by one wildcard record, which points at the relay:"}
      </p>
      <CodeLine
        text={wildcardRecord(isLocal ? "tunnel.example.com" : domain, relayHost)}
        what="DNS record"
      />
    </section>
  );
}
