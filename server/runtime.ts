import type { Logger } from "#server/observability/logger.ts";
import type { People } from "#server/services/auth/create-people.ts";
import type { ServiceContext } from "#server/services/service-context.ts";

/** Everything that exists once per web process and outlives a request. Interfaces only. */
export interface Runtime extends ServiceContext {
  readonly log: Logger;
  /** Who is calling, and how they sign in. */
  readonly people: People;
  /** What prints a sign-in link on this machine: pages name it. */
  readonly signInCommand: string;
}

const KEY = Symbol.for("culvert.runtime");
const slot = globalThis as typeof globalThis & { [KEY]?: Runtime };

/** Called once, by server/web/main.ts, before Next starts handling requests. */
export function publishRuntime(runtime: Runtime): void {
  if (slot[KEY] !== undefined) throw new Error("runtime is already published");
  slot[KEY] = Object.freeze(runtime);
}

/**
 * The one bridge from Next's bundled code to objects the custom server owns.
 * A plain module-level singleton would be a different object in each bundle.
 */
export function getRuntime(): Runtime {
  const runtime = slot[KEY];
  if (runtime === undefined)
    throw new Error("runtime requested before server/web/main.ts published it");
  return runtime;
}
