/** The prefix without the slash at its end, which means nothing: `/` becomes empty. */
export function toBarePrefix(value: string): string {
  return value.endsWith("/") ? value.slice(0, -1) : value;
}

/** Whether the prefix covers whole segments of the path. @param bare from `toBarePrefix`. */
export function coversPath(bare: string, path: string): boolean {
  return path.startsWith(bare) && (path.length === bare.length || path[bare.length] === "/");
}
