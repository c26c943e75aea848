"use client";

import { useQuery } from "@tanstack/react-query";
import { Box, Copy, ExternalLink, Lock, LockOpen, LogOut, Moon, Plus, Sun } from "lucide-react";
import { useRouter } from "next/navigation";
import { clusterQueries } from "#components/clusters/cluster-queries.ts";
import { CLUSTER_STATUS } from "#components/clusters/cluster-words.ts";
import { useForceCluster } from "#components/clusters/use-cluster-mutations.ts";
import { copyText } from "#components/lib/copy-text.ts";
import { useCanOperate } from "#components/lib/me.tsx";
import { tunnelName, tunnelOrigin } from "#components/tunnels/tunnel-name.ts";
import { tunnelQueries } from "#components/tunnels/tunnel-queries.ts";
import { mainEndpoint } from "#components/tunnels/tunnel-endpoints.ts";
import { siteUrl } from "#components/tunnels/site-url.ts";
import { TunnelIcon } from "#components/ui/icons.tsx";
import { showToast } from "#components/ui/toast-store.ts";
import type { ClusterDto } from "#protocol/api/clusters.ts";
import type { TunnelDto } from "#protocol/api/tunnels.ts";
import { leave } from "../leave.ts";
import { NAV_ITEMS } from "../nav-items.ts";
import { setTheme } from "../theme.ts";
import type { PaletteGroup, PaletteItem } from "./palette-items.ts";

type Go = (href: string) => void;

function pages(go: Go): PaletteItem[] {
  return NAV_ITEMS.map(({ href, label, icon }) => ({
    id: `page:${href}`,
    label,
    icon,
    keywords: ["page", "go"],
    run: () => go(href),
  }));
}

function clusterItems(clusters: readonly ClusterDto[], go: Go): PaletteItem[] {
  return clusters.map((cluster) => ({
    id: `cluster:${cluster.id}`,
    label: cluster.name,
    note: CLUSTER_STATUS[cluster.status].word,
    icon: Box,
    keywords: ["cluster", cluster.id],
    run: () => go(`/clusters/${cluster.id}`),
  }));
}

function tunnelItems(tunnels: readonly TunnelDto[], go: Go): PaletteItem[] {
  return tunnels.map((tunnel) => ({
    id: `tunnel:${tunnel.id}`,
    label: tunnelName(tunnel),
    note: tunnel.clusterName,
    icon: TunnelIcon,
    keywords: ["tunnel", tunnelOrigin(tunnel), tunnel.id, mainEndpoint(tunnel)?.address ?? ""],
    run: () => go(`/tunnels/${tunnel.id}`),
  }));
}

function copyItems(tunnels: readonly TunnelDto[]): PaletteItem[] {
  return tunnels.flatMap((tunnel) => {
    const endpoint = mainEndpoint(tunnel);
    if (endpoint === null) return [];
    const copy = async (): Promise<void> => {
      const isCopied = await copyText(endpoint.address);
      showToast(
        isCopied
          ? { title: `Copied ${endpoint.address}` }
          : { title: "The endpoint could not be copied", detail: endpoint.address, tone: "danger" },
      );
    };
    return {
      id: `copy:${tunnel.id}`,
      label: `Copy endpoint of ${tunnelName(tunnel)}`,
      note: endpoint.address,
      icon: Copy,
      keywords: ["address", tunnel.clusterName],
      run: () => void copy(),
    };
  });
}

function siteItems(tunnels: readonly TunnelDto[]): PaletteItem[] {
  return tunnels.flatMap((tunnel) => {
    const url = siteUrl(tunnel);
    if (url === null) return [];
    return {
      id: `site:${tunnel.id}`,
      label: `Open site of ${tunnelName(tunnel)}`,
      note: new URL(url).host,
      icon: ExternalLink,
      keywords: [
        "http",
        tunnel.clusterName,
        ...(tunnel.http?.hostnames ?? []).map(({ name }) => name),
      ],
      run: () => window.open(url, "_blank", "noopener,noreferrer"),
    };
  });
}

function themeItems(): PaletteItem[] {
  return [
    {
      id: "theme:light",
      label: "Light theme",
      icon: Sun,
      keywords: ["theme"],
      run: () => setTheme("light"),
    },
    {
      id: "theme:dark",
      label: "Dark theme",
      icon: Moon,
      keywords: ["theme"],
      run: () => setTheme("dark"),
    },
  ];
}

/** Everything the palette can find or do now. */
export function usePaletteGroups(): PaletteGroup[] {
  const router = useRouter();
  const go: Go = (href) => router.push(href);
  const clusters = useQuery(clusterQueries.list()).data?.items ?? [];
  const tunnels = useQuery(tunnelQueries.list()).data?.items ?? [];
  const force = useForceCluster();
  const canOperate = useCanOperate();
  const forceItems = clusters.map((cluster): PaletteItem => ({
    id: `force:${cluster.id}`,
    label: cluster.forceTunnel ? `Release ${cluster.name}` : `Force tunnel for ${cluster.name}`,
    icon: cluster.forceTunnel ? LockOpen : Lock,
    keywords: ["cluster", "routing", "mode"],
    run: () => force.mutate({ cluster, isForced: !cluster.forceTunnel }),
  }));
  const operate: PaletteItem[] = [
    {
      id: "add",
      label: "Add a cluster",
      icon: Plus,
      keywords: ["new"],
      run: () => go("/clusters/new"),
    },
    ...forceItems,
  ];
  return [
    { heading: "Pages", items: pages(go) },
    { heading: "Clusters", items: clusterItems(clusters, go) },
    { heading: "Tunnels", items: tunnelItems(tunnels, go) },
    {
      heading: "Actions",
      items: [
        ...(canOperate ? operate : []),
        ...siteItems(tunnels),
        ...copyItems(tunnels),
        ...themeItems(),
        { id: "leave", label: "Sign out", icon: LogOut, keywords: ["leave"], run: leave },
      ],
    },
  ];
}
