"use client";

import { useQuery } from "@tanstack/react-query";
import { CircleCheck } from "lucide-react";
import Link from "next/link";
import { useState } from "react";
import { useNow } from "#components/lib/use-now.ts";
import { settingsQueries } from "#components/settings/settings-queries.ts";
import { tunnelQueries } from "#components/tunnels/tunnel-queries.ts";
import { Button } from "#components/ui/button.tsx";
import { Card, CardHeader } from "#components/ui/card.tsx";
import { Chip } from "#components/ui/chip.tsx";
import { Icon } from "#components/ui/icon.tsx";
import { SkeletonRows } from "#components/ui/skeleton.tsx";
import { Dot } from "#components/ui/status.tsx";
import type { ClusterDto } from "#protocol/api/clusters.ts";
import { findAttention, type Attention } from "./attention.ts";

const ROWS = 5;
const TEN_SECONDS_MS = 10_000;

interface NeedsAttentionProps {
  readonly clusters: readonly ClusterDto[];
}

export function NeedsAttention({ clusters }: NeedsAttentionProps) {
  const tunnels = useQuery(tunnelQueries.list()).data?.items;
  const relays = useQuery(settingsQueries.get()).data?.relays ?? [];
  const now = useNow(TEN_SECONDS_MS);
  const [isAll, setAll] = useState(false);
  const items = findAttention({ clusters, tunnels: tunnels ?? [], relays, now });
  const shown = isAll ? items : items.slice(0, ROWS);
  return (
    <Card>
      <CardHeader title="Needs attention">
        {items.length > 0 && <Chip>{items.length}</Chip>}
      </CardHeader>
      {tunnels === undefined && items.length === 0 && <SkeletonRows rows={2} />}
      {tunnels !== undefined && items.length === 0 && <AllWell />}
      <ul>
        {shown.map((item) => (
          <AttentionRow key={item.id} item={item} />
        ))}
      </ul>
      {items.length > shown.length && (
        <div className="border-t border-line p-1.5 text-center">
          <Button variant="ghost" size="sm" onClick={() => setAll(true)}>
            Show all {items.length}
          </Button>
        </div>
      )}
    </Card>
  );
}

function AllWell() {
  return (
    <p className="flex items-center gap-2.5 px-4 py-4 text-muted">
      <span className="text-success">
        <Icon icon={CircleCheck} />
      </span>
      Nothing needs you
    </p>
  );
}

function AttentionRow({ item }: { readonly item: Attention }) {
  return (
    <li className="border-b border-line last:border-0">
      <Link
        href={item.href}
        className="flex gap-3 px-4 py-3 -outline-offset-2 transition-colors duration-75 hover:bg-raised/55"
      >
        <span className="pt-px">
          <Dot tone={item.tone} />
        </span>
        <span className="min-w-0">
          <span className="block font-medium [overflow-wrap:anywhere]">{item.title}</span>
          <span className="block text-xs text-muted [overflow-wrap:anywhere]">{item.detail}</span>
        </span>
      </Link>
    </li>
  );
}
