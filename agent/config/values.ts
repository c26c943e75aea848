import { z } from "zod";
import { parseDurationMs } from "../discovery/rules/annotations.ts";

/*
 * Values as people write them: in the environment everything is a string, in a YAML file it may be a number or a boolean.
 */

/** `true` or `false`, nothing else: a typing error must not switch something off in silence. */
export const flag = z
  .union([z.boolean(), z.enum(["true", "false"])], { error: "must be true or false" })
  .transform((value) => value === true || value === "true");

/** A whole number within bounds. */
export function whole(min: number, max: number): z.ZodType<number> {
  const message = `must be a whole number from ${min} to ${max}`;
  return z
    .union(
      [
        z.number(),
        z
          .string()
          .regex(/^\d{1,12}$/, message)
          .transform(Number),
      ],
      { error: message },
    )
    .refine((value) => Number.isInteger(value) && value >= min && value <= max, message);
}

/** `90s`, `5m`, `2h`, or seconds. @returns milliseconds. */
export function duration(min: string, max: string): z.ZodType<number> {
  const message = `must be a duration from ${min} to ${max}, like 30s or 2h`;
  const bounds = [parseDurationMs(min) ?? 0, parseDurationMs(max) ?? 0] as const;
  return z
    .union([z.number(), z.string()], { error: message })
    .transform((value) => parseDurationMs(String(value)) ?? -1)
    .refine((value) => value >= bounds[0] && value <= bounds[1], message);
}

const UNITS: Readonly<Record<string, number>> = {
  "": 1,
  kib: 1024,
  kb: 1024,
  k: 1024,
  mib: 1024 ** 2,
  mb: 1024 ** 2,
};

/** Bytes, or `32KiB`, `1MiB`. */
export function size(min: number, max: number): z.ZodType<number> {
  const message = `must be a size from ${min} to ${max} bytes, like 32KiB`;
  return z
    .union([z.number(), z.string()], { error: message })
    .transform((value) => {
      const match = /^(\d{1,10})\s*([a-z]*)$/i.exec(String(value));
      const unit = UNITS[match?.[2]?.toLowerCase() ?? ""];
      return match === null || unit === undefined ? -1 : Number(match[1]) * unit;
    })
    .refine((value) => value >= min && value <= max, message);
}

export const word = z
  .union([z.string(), z.number()], { error: "must be a text" })
  .transform((value) => String(value).trim())
  .refine((value) => value.length >= 1 && value.length <= 253, "must be 1 to 253 characters");

/** Names as Kubernetes takes them, each once: `a,b` or a YAML list. */
export function names(maxCount: number): z.ZodType<readonly string[]> {
  return z
    .union([z.string(), z.array(z.string())], { error: "must be names with commas between them" })
    .transform((value) => (typeof value === "string" ? value.split(",") : value))
    .transform((list) => [
      ...new Set(list.map((name) => name.trim()).filter((name) => name !== "")),
    ])
    .refine(
      (list) => list.every((name) => /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(name)),
      "must be names of namespaces with commas between them",
    )
    .refine(
      (list) => list.length >= 1 && list.length <= maxCount,
      `must be 1 to ${maxCount} names`,
    );
}
