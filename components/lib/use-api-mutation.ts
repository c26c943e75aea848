"use client";

import { useMutation } from "@tanstack/react-query";
import { showToast } from "#components/ui/toast-store.ts";
import { ApiError } from "./api-client.ts";

interface ApiMutationOptions<V, R> {
  readonly run: (variables: V) => Promise<R>;
  readonly onDone?: (result: R, variables: V) => void;
  /** What could not be done: "prod-eu could not be renamed". Shown in a toast with the reason. */
  readonly failure: string | ((variables: V) => string);
}

/** A change by the person: done or explained, never silent. */
export function useApiMutation<V, R>({ run, onDone, failure }: ApiMutationOptions<V, R>) {
  return useMutation<R, Error, V>({
    mutationFn: run,
    ...(onDone && { onSuccess: (result, variables) => onDone(result, variables) }),
    onError: (error, variables) => {
      const title = typeof failure === "string" ? failure : failure(variables);
      const id = error instanceof ApiError ? error.requestId : null;
      showToast({
        title,
        detail: id === null ? error.message : `${error.message} Request ${id}.`,
        tone: "danger",
      });
    },
  });
}
