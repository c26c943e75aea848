import type { HttpMatch, HttpPathChange } from "#protocol/control/http-routing.ts";
import { coversPath, toBarePrefix } from "../routing/path-prefix.ts";

/**
 * Works out the path that a redirect or rewrite wants.
 *
 * A prefix is replaced by whole segments, and a slash at the end of either prefix means nothing where more follows:
 *
 *     /foo/bar   /foo   /xyz/   ->  /xyz/bar
 *     /foo       /foo   (none)  ->  /
 *
 * @returns always with a slash in front; null when a prefix is to be replaced and the match names none.
 *
 * Source: Gateway API 1.6, HTTPPathModifier, and the table there.
 */
export function changePath(change: HttpPathChange, match: HttpMatch, path: string): string | null {
  const value = escapePath(change.value);
  if (change.type === "ReplaceFullPath") return absolute(value);
  const bare = toBarePrefix(match.path.value);
  if (match.path.type !== "PathPrefix" || !coversPath(bare, path)) return null;
  const rest = path.slice(bare.length);
  return absolute(rest === "" ? value : toBarePrefix(value) + rest);
}

function absolute(path: string): string {
  return path.startsWith("/") ? path : `/${path}`;
}

/** Whatever may not stand in a path is escaped, so that a value from a route can neither end the request line nor begin a query. */
function escapePath(value: string): string {
  return value.toWellFormed().replaceAll(/[^A-Za-z0-9\-._~!$&'()*+,;=:@/%]+/g, encodeURIComponent);
}
