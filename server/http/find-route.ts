import { API_PREFIX } from "./openapi.ts";
import type { AnyRoute } from "./route.ts";
import { ALL_ROUTES, openApiRoute } from "./routes/all-routes.ts";

export interface FoundRoutes {
  /** Those declared for the path, whatever their method. */
  readonly routes: readonly AnyRoute[];
  readonly params: Readonly<Record<string, string>>;
}

const TABLE = [...ALL_ROUTES, openApiRoute as AnyRoute].map((route) => {
  const pattern = route.path.replaceAll(".", "\\.").replace(/\{(\w+)\}/g, "(?<$1>[^/]+)");
  return { route, pattern: new RegExp(`^${API_PREFIX}${pattern}$`) };
});

/** Finds what is declared for a path of the API: nothing for one that is not its own. */
export function findRoutes(path: string): FoundRoutes {
  const found = TABLE.flatMap(({ route, pattern }) => {
    const match = pattern.exec(path);
    return match === null ? [] : [{ route, params: { ...match.groups } }];
  });
  return { routes: found.map(({ route }) => route), params: found[0]?.params ?? {} };
}

/**
 * Methods that may be asked for at a path of the API.
 *
 * @returns null for a path that is none of the declared ones.
 */
export function methodsOf(path: string): readonly string[] | null {
  const methods = findRoutes(path).routes.map(({ method }): string => method);
  if (methods.length === 0) return null;
  return [...methods, "OPTIONS", ...(methods.includes("GET") ? ["HEAD"] : [])];
}
