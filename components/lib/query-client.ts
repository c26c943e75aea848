import { QueryClient } from "@tanstack/react-query";
import { ApiError } from "./api-client.ts";

const RETRIES_MAX = 2;

/** One cache for a page's life. Live events keep it true, so refetching is only the safety net. */
export function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 60_000,
        retry: (failures, error) =>
          failures < RETRIES_MAX && error instanceof ApiError && error.retryable,
      },
      mutations: { retry: false },
    },
  });
}
