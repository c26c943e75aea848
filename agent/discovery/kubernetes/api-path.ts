/**
 * The kind of thing a path of the API is about: `/apis/apps/v1/namespaces/shop/deployments/web` is about `deployments`.
 */
export function resourceOf(path: string): string {
  const [first = "", ...rest] = path.split("/").filter((part) => part !== "");
  const parts = first === "api" ? rest.slice(1) : first === "apis" ? rest.slice(2) : [first];
  // The names of groups and versions themselves are asked for below them.
  if (parts.length === 0) return "api groups";
  if (parts[0] === "namespaces" && parts.length > 2) return parts[2] ?? "";
  return parts[0] ?? "";
}

/** Path of a collection, in one namespace or across all of them. */
export function collectionPath(
  group: string,
  version: string,
  resource: string,
  namespace: string | null,
): string {
  const root = group === "" ? `/api/${version}` : `/apis/${group}/${version}`;
  return namespace === null
    ? `${root}/${resource}`
    : `${root}/namespaces/${encodeURIComponent(namespace)}/${resource}`;
}
