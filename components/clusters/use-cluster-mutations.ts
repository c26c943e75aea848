"use client";

import { useQueryClient } from "@tanstack/react-query";
import { apiRequest } from "#components/lib/api-client.ts";
import { useApiMutation } from "#components/lib/use-api-mutation.ts";
import { showToast } from "#components/ui/toast-store.ts";
import {
  ClusterDto,
  CreatedCluster,
  CreatedToken,
  type CreateClusterBody,
  type PatchClusterBody,
} from "#protocol/api/clusters.ts";
import { NoContent } from "#components/lib/no-content.ts";
import { clusterKeys } from "./cluster-queries.ts";
import { withCluster } from "./cluster-reducer.ts";

const path = (clusterId: string): string => `/api/v1/clusters/${encodeURIComponent(clusterId)}`;

/** Puts a cluster, as the server just answered it, into every cached place. */
export function useStoreCluster() {
  const queryClient = useQueryClient();
  return (cluster: ClusterDto): void => {
    queryClient.setQueryData(clusterKeys.detail(cluster.id), cluster);
    queryClient.setQueryData<{ items: ClusterDto[]; nextCursor: string | null }>(
      clusterKeys.list(),
      (page) => page && { ...page, items: [...withCluster(page, cluster).items] },
    );
  };
}

export function useCreateCluster(onDone: (created: CreatedCluster) => void) {
  const store = useStoreCluster();
  return useApiMutation({
    run: (body: CreateClusterBody) =>
      apiRequest(CreatedCluster, "/api/v1/clusters", { method: "POST", body }),
    failure: ({ name }) => `${name} could not be added`,
    onDone: (created) => {
      store(created.cluster);
      onDone(created);
    },
  });
}

interface ForceCluster {
  readonly cluster: Pick<ClusterDto, "id" | "name">;
  readonly isForced: boolean;
}

/** Forces a cluster through the tunnel or releases it, with *Undo*. */
export function useForceCluster() {
  const store = useStoreCluster();
  const mutation = useApiMutation({
    run: ({ cluster, isForced }: ForceCluster) =>
      apiRequest(ClusterDto, path(cluster.id), {
        method: "PATCH",
        body: { forceTunnel: isForced } satisfies PatchClusterBody,
      }),
    failure: ({ cluster }) => `The routing of ${cluster.name} could not be changed`,
    onDone: (updated, { cluster, isForced }) => {
      store(updated);
      showToast({
        title: isForced
          ? `${cluster.name} is forced through the tunnel`
          : `${cluster.name} follows its own rules again`,
        about: `force:${cluster.id}`,
        detail: "What is open is not touched.",
        onUndo: () => mutation.mutate({ cluster, isForced: !isForced }),
      });
    },
  });
  return mutation;
}

export function useRenameCluster(clusterId: string) {
  const store = useStoreCluster();
  return useApiMutation({
    run: (name: string) =>
      apiRequest(ClusterDto, path(clusterId), { method: "PATCH", body: { name } }),
    failure: "The cluster could not be renamed",
    onDone: (updated) => {
      store(updated);
      showToast({ title: `The cluster is now called ${updated.name}` });
    },
  });
}

export function useDeleteCluster(cluster: ClusterDto, onDone: () => void) {
  const queryClient = useQueryClient();
  return useApiMutation({
    run: () => apiRequest(NoContent, path(cluster.id), { method: "DELETE" }),
    failure: `${cluster.name} could not be deleted`,
    onDone: () => {
      showToast({ title: `${cluster.name} was deleted` });
      onDone();
      void queryClient.invalidateQueries({ queryKey: clusterKeys.list() });
    },
  });
}

export function useCreateToken(clusterId: string, onDone: (created: CreatedToken) => void) {
  const queryClient = useQueryClient();
  return useApiMutation({
    run: (expiresInDays: number | null) =>
      apiRequest(CreatedToken, `${path(clusterId)}/tokens`, {
        method: "POST",
        body: expiresInDays === null ? {} : { expiresInDays },
      }),
    failure: "The token could not be created",
    onDone: (created) => {
      void queryClient.invalidateQueries({ queryKey: clusterKeys.tokens(clusterId) });
      onDone(created);
    },
  });
}

export function useRevokeToken(clusterId: string, onDone: () => void) {
  const queryClient = useQueryClient();
  return useApiMutation({
    run: (tokenId: string) =>
      apiRequest(NoContent, `${path(clusterId)}/tokens/${encodeURIComponent(tokenId)}`, {
        method: "DELETE",
      }),
    failure: "The token could not be revoked",
    onDone: () => {
      showToast({ title: "The token is revoked" });
      void queryClient.invalidateQueries({ queryKey: clusterKeys.one(clusterId) });
      onDone();
    },
  });
}
