"use client";

import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { ApiError } from "#components/lib/api-client.ts";
import { ErrorState } from "./error-state.tsx";
import { SkeletonRows } from "./skeleton.tsx";

interface QueryViewProps<T> {
  readonly query: UseQueryResult<T>;
  /** What could not be done if it fails: "The clusters could not be loaded". */
  readonly failure: string;
  /** In the shape of what comes; rows by default. */
  readonly skeleton?: ReactNode;
  readonly children: (data: T) => ReactNode;
}

/** Shows a query as skeleton, error or data. Old data stays while a refetch fails. */
export function QueryView<T>({ query, failure, skeleton, children }: QueryViewProps<T>) {
  if (query.data !== undefined) return children(query.data);
  if (query.isPending) return skeleton ?? <SkeletonRows />;
  const { error } = query;
  return (
    <ErrorState
      title={failure}
      message={error?.message ?? "No data arrived."}
      requestId={error instanceof ApiError ? error.requestId : null}
      onRetry={() => void query.refetch()}
    />
  );
}
