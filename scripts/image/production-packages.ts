import { z } from "zod";

const names = z.record(z.string(), z.string()).default({});
const Package = z.object({
  dependencies: names,
  optionalDependencies: names,
  peerDependencies: names,
  peerDependenciesMeta: z
    .record(z.string(), z.object({ optional: z.boolean().optional() }))
    .default({}),
});
const Lock = z.object({ packages: z.record(z.string(), Package) });

export type Lock = z.infer<typeof Lock>;

/** @param text of package-lock.json. */
export function parseLock(text: string): Lock {
  return Lock.parse(JSON.parse(text));
}

/**
 * Folders of the packages that the project needs when it runs, as npm laid them out, with all that those need.
 *
 * @param isUnneeded names packages that only building, the demo or another program needs; what nothing else asks for
 *   goes with them.
 */
export function findProductionPackages(
  lock: Lock,
  isUnneeded: (name: string) => boolean,
): readonly string[] {
  const found = new Set<string>();
  const open = [""];
  for (let folder = open.pop(); folder !== undefined; folder = open.pop()) {
    const entry = lock.packages[folder];
    if (entry === undefined) continue;
    for (const name of neededBy(entry)) {
      const path = isUnneeded(name) ? null : resolve(lock, folder, name);
      if (path === null || found.has(path)) continue;
      found.add(path);
      open.push(path);
    }
  }
  return [...found].sort();
}

function neededBy(entry: Lock["packages"][string]): readonly string[] {
  const peers = Object.keys(entry.peerDependencies).filter(
    (name) => entry.peerDependenciesMeta[name]?.optional !== true,
  );
  return [...Object.keys(entry.dependencies), ...Object.keys(entry.optionalDependencies), ...peers];
}

/** As Node looks for it: beside the package that asks, then further up. Null where npm installed none. */
function resolve(lock: Lock, folder: string, name: string): string | null {
  for (let from = folder; ; from = from.slice(0, Math.max(0, from.lastIndexOf("node_modules/")))) {
    const base = from === "" || from.endsWith("/") ? from : `${from}/`;
    const path = `${base}node_modules/${name}`;
    if (lock.packages[path] !== undefined) return path;
    if (from === "") return null;
  }
}
