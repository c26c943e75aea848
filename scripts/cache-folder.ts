import { homedir } from "node:os";
import { join } from "node:path";

/** Where what takes long to make is kept outside the checkout. @param name whose it is */
export function cacheFolder(name: string): string {
  return join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "culvert", name);
}
