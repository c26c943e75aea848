import { type RawHeaders, withoutHopByHop } from "../headers/raw-headers.ts";
import type { Forwarded } from "../headers/forwarded-headers.ts";

/** Said by us in place of the outside, or not at all. */
const REPLACED: ReadonlySet<string> = new Set([
  "forwarded",
  "x-forwarded-for",
  "x-forwarded-host",
  "x-forwarded-port",
  "x-forwarded-prefix",
  "x-forwarded-proto",
  "x-forwarded-server",
  "x-real-ip",
]);

/** What is passed on of a message's headers, order and spelling kept. */
export function toPassedOn(raw: RawHeaders): string[] {
  return withoutHopByHop(raw, (name) => REPLACED.has(name));
}

/** A request's headers as the web process gets them. */
export function toWebHeaders(raw: RawHeaders, forwarded: Forwarded): string[] {
  return [
    ...toPassedOn(raw),
    "X-Forwarded-For",
    forwarded.address,
    "X-Forwarded-Proto",
    forwarded.proto,
    "X-Forwarded-Host",
    forwarded.host,
  ];
}
