import { z } from "zod";
import { ERROR_CODES } from "../errors.ts";

/** RFC 3339 with milliseconds, UTC. */
export const Timestamp = z.iso.datetime();

export const ErrorBody = z.object({
  error: z.object({
    code: z.enum(ERROR_CODES),
    message: z.string(),
    retryable: z.boolean(),
    details: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  }),
});
export type ErrorBody = z.infer<typeof ErrorBody>;

/** Every list of the API: one bounded page and where the next begins. */
export const page = <T extends z.ZodType>(item: T) =>
  z.object({ items: z.array(item), nextCursor: z.string().nullable() });

export interface Page<T> {
  readonly items: readonly T[];
  readonly nextCursor: string | null;
}

export const PAGE_LIMIT_DEFAULT = 100;
export const PAGE_LIMIT_MAX = 500;

/** Query parameters of every list. */
export const PageQuery = z.strictObject({
  cursor: z.string().max(200).optional(),
  limit: z.coerce.number().int().min(1).max(PAGE_LIMIT_MAX).default(PAGE_LIMIT_DEFAULT),
});

export const ByteCounts = z.object({
  /** Client → service, bytes. */
  in: z.number().int().nonnegative(),
  /** Service → client, bytes. */
  out: z.number().int().nonnegative(),
});
export type ByteCounts = z.infer<typeof ByteCounts>;

export const Role = z.enum(["admin", "operator", "viewer"]);
export type Role = z.infer<typeof Role>;

/** A name an operator gives: visible characters, no leading or trailing blank. */
export const DisplayName = z
  .string()
  .trim()
  .min(1, "must not be empty")
  .max(63, "must be at most 63 characters")
  .regex(/^[^\p{C}]+$/u, "must not contain control characters");
