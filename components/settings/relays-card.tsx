import { formatBytes, formatCount, plural } from "#components/lib/format.ts";
import { Card, CardBody, CardHeader } from "#components/ui/card.tsx";
import { RelativeTime } from "#components/ui/relative-time.tsx";
import { Status } from "#components/ui/status.tsx";
import { Table, TableBody, TableHead, TableRow, Td, Th } from "#components/ui/table.tsx";
import type { RelayDto, SettingsDto } from "#protocol/api/settings.ts";
import { EdgeSection } from "./edge-section.tsx";

interface RelaysCardProps {
  readonly settings: SettingsDto;
}

/** The relay processes, the ports they give out, and where they serve HTTP. */
export function RelaysCard({ settings }: RelaysCardProps) {
  return (
    <Card>
      <CardHeader title="Relays and ports" />
      <CardBody className="border-b border-line">
        <Ports ports={settings.relayPorts} host={settings.relayHost} />
      </CardBody>
      <CardBody className="border-b border-line">
        <EdgeSection edge={settings.edge} relayHost={settings.relayHost} />
      </CardBody>
      <Table caption="Relay processes" isStacked>
        <TableHead>
          <Th>Relay</Th>
          <Th>Status</Th>
          <Th isNumber>Up for</Th>
          <Th isNumber>Restarts</Th>
          <Th isNumber>Agent links</Th>
          <Th isNumber>Connections</Th>
          <Th isNumber>Memory</Th>
        </TableHead>
        <TableBody>
          {settings.relays.map((relay) => (
            <RelayRow key={relay.id} relay={relay} />
          ))}
        </TableBody>
      </Table>
    </Card>
  );
}

interface PortsProps {
  readonly ports: SettingsDto["relayPorts"];
  readonly host: string;
}

function Ports({ ports, host }: PortsProps) {
  const total = ports.to - ports.from + 1;
  const share = Math.min(1, ports.leased / total);
  return (
    <div className="flex flex-col gap-2">
      <div className="flex flex-wrap items-baseline justify-between gap-x-4 gap-y-1">
        <span>
          Endpoints are on <span className="mono">{host}</span>, ports{" "}
          <span className="mono">
            {ports.from}–{ports.to}
          </span>
        </span>
        <span className="text-sm text-muted">
          {plural(ports.leased, "port")} leased, {formatCount(total - ports.leased)} free
        </span>
      </div>
      <div
        role="img"
        aria-label={`${ports.leased} of ${total} ports leased`}
        className="h-1.5 overflow-hidden rounded-full bg-raised"
      >
        <div
          className="h-full min-w-1 rounded-full bg-accent"
          style={{ width: `${share * 100}%` }}
        />
      </div>
    </div>
  );
}

function RelayRow({ relay }: { readonly relay: RelayDto }) {
  const isUp = relay.status === "connected";
  return (
    <TableRow>
      <Td className="mono">{relay.id}</Td>
      <Td label="Status">
        <Status tone={isUp ? "success" : "danger"}>{isUp ? "Connected" : "Lost"}</Status>
      </Td>
      <Td label="Up for" isNumber className="text-muted">
        {isUp ? <RelativeTime at={relay.startedAt} look="age" /> : "–"}
      </Td>
      <Td label="Restarts" isNumber className="text-muted">
        {formatCount(relay.restarts)}
      </Td>
      <Td label="Agent links" isNumber>
        {formatCount(relay.agentLinks)}
      </Td>
      <Td label="Connections" isNumber>
        {formatCount(relay.connectionsOpen)}
      </Td>
      <Td label="Memory" isNumber className="text-muted">
        {formatBytes(relay.memoryBytes)}
      </Td>
    </TableRow>
  );
}
