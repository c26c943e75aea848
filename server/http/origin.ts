import { AppError } from "#protocol/errors.ts";

/** What the front door says about a request; it removes what the outside sent under these names. */
interface HeaderSource {
  get(name: string): string | null;
}

/** The origins a page of ours can have: the public URL, and the name under which this request reached the front door. */
export function ownOrigins(headers: HeaderSource, publicUrl: string): readonly string[] {
  const own = [new URL(publicUrl).origin];
  const host = headers.get("x-forwarded-host");
  const protocol = headers.get("x-forwarded-proto");
  const seen = host === null || protocol === null ? null : URL.parse(`${protocol}://${host}`);
  return seen === null ? own : [...own, seen.origin];
}

/** True for a request that a page of ours, or no page at all, has made. */
export function isOwnOrigin(headers: HeaderSource, publicUrl: string): boolean {
  const origin = headers.get("origin");
  return origin !== null && ownOrigins(headers, publicUrl).includes(origin);
}

/**
 * Refuses a state-changing request that another site's page could have caused. Fails closed: browsers send `Origin`
 * with every such request, so with a cookie and without one it is refused.
 *
 * @throws AppError `forbidden`
 */
export function requireOwnOrigin(
  headers: HeaderSource,
  publicUrl: string,
  credentials: "cookie" | "none",
): void {
  if (credentials === "none" && headers.get("origin") === null) return;
  if (isOwnOrigin(headers, publicUrl)) return;
  throw new AppError("forbidden", "This request came from a page of another origin");
}
