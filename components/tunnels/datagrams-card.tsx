"use client";

import { useQuery } from "@tanstack/react-query";
import { formatCount } from "#components/lib/format.ts";
import { Card, CardBody, CardHeader } from "#components/ui/card.tsx";
import type { TunnelDto } from "#protocol/api/tunnels.ts";
import { tunnelQueries } from "./tunnel-queries.ts";

/** Changes of a tunnel are told at once; its figures grow without being one. */
const REFETCH_MS = 2_000;

/** What a UDP tunnel did, datagram by datagram. Nothing for other tunnels. */
export function DatagramsCard({ tunnel }: { readonly tunnel: TunnelDto }) {
  if (tunnel.datagrams === null) return null;
  return <Figures tunnelId={tunnel.id} datagrams={tunnel.datagrams} />;
}

interface FiguresProps {
  readonly tunnelId: string;
  readonly datagrams: NonNullable<TunnelDto["datagrams"]>;
}

function Figures({ tunnelId, datagrams }: FiguresProps) {
  const fresh = useQuery({ ...tunnelQueries.detail(tunnelId), refetchInterval: REFETCH_MS }).data;
  const { in: received, out, dropped } = fresh?.datagrams ?? datagrams;
  return (
    <Card>
      <CardHeader title="Datagrams" />
      <CardBody>
        <dl className="grid grid-cols-3 gap-4">
          <Figure name="In" value={received} />
          <Figure name="Out" value={out} />
          <Figure name="Dropped" value={dropped} isBad={dropped > 0} />
        </dl>
        <p className="mt-3 text-xs text-muted">
          Since the relay was started. Dropped are those that found no room or were not allowed;
          what the network loses, nobody counts.
        </p>
      </CardBody>
    </Card>
  );
}

interface FigureProps {
  readonly name: string;
  readonly value: number;
  readonly isBad?: boolean;
}

function Figure({ name, value, isBad = false }: FigureProps) {
  return (
    <div>
      <dt className="text-xs text-muted">{name}</dt>
      <dd className={isBad ? "text-lg text-danger" : "text-lg"}>{formatCount(value)}</dd>
    </div>
  );
}
