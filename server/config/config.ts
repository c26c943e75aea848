import { z } from "zod";
import { SETTINGS, type VariableName } from "./variables.ts";
import { joinPath, relayHostFor } from "./derived.ts";

const Env = z.object(SETTINGS).refine((env) => !hasHalf(env), {
  path: ["CULVERT_ADMIN_PASSWORD"],
  error: "CULVERT_ADMIN_EMAIL and CULVERT_ADMIN_PASSWORD go together",
});

export type Config = ReturnType<typeof parseConfig>;

/** The environment does not make sense. The message names variables and rules, never values. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

/**
 * Turns the environment into a typed tree, or fails with every problem at once.
 * Messages name variables and rules but never print values: those may be secrets.
 *
 * @throws ConfigError
 */
export function parseConfig(env: Readonly<Record<string, string | undefined>>) {
  const given: Partial<Record<VariableName, string>> = {};
  for (const name of Object.keys(SETTINGS) as VariableName[]) {
    const value = env[name];
    // An empty variable is how many tools write "not set".
    if (value !== undefined && value !== "") given[name] = value;
  }
  const result = Env.safeParse(given);
  if (!result.success) {
    const lines = result.error.issues.map((issue) => `  ${issue.path.join(".")}: ${issue.message}`);
    throw new ConfigError(`Invalid configuration:\n${lines.join("\n")}`);
  }
  const e = result.data;
  const publicUrl = new URL(e.CULVERT_PUBLIC_URL ?? `http://localhost:${e.CULVERT_PORT}`);
  const dataDir = e.CULVERT_DATA_DIR;
  const databaseUrl = e.DATABASE_URL ?? `file:${joinPath(dataDir, "culvert.db")}`;
  return Object.freeze({
    http: {
      host: e.CULVERT_HOST,
      port: e.CULVERT_PORT,
      /** Without a slash at the end. */
      publicUrl: publicUrl.href.replace(/\/$/, ""),
      publicHost: publicUrl.hostname,
      isSecure: publicUrl.protocol === "https:",
      trustedProxies: e.CULVERT_TRUSTED_PROXIES,
    },
    dataDir,
    secretFile: joinPath(dataDir, "secret"),
    lockFile: joinPath(dataDir, "run/server.lock"),
    /** Given by the environment; otherwise `server/config/secret.ts` makes one. */
    secret: e.CULVERT_SECRET ?? null,
    database: {
      url: databaseUrl,
      provider: databaseUrl.startsWith("file:") ? ("sqlite" as const) : ("postgres" as const),
    },
    relay: {
      bind: e.CULVERT_RELAY_BIND,
      host: relayHostFor(publicUrl.hostname, e.CULVERT_RELAY_HOST),
      ports: e.CULVERT_RELAY_PORTS,
      processes: e.CULVERT_RELAY_PROCESSES,
      directCidrs: e.CULVERT_DIRECT_CIDRS,
    },
    /** Null leaves it to the version. */
    agentImage: e.CULVERT_AGENT_IMAGE ?? null,
    edge: { port: e.CULVERT_EDGE_PORT, domain: e.CULVERT_EDGE_DOMAIN },
    admin:
      e.CULVERT_ADMIN_EMAIL === undefined || e.CULVERT_ADMIN_PASSWORD === undefined
        ? null
        : { email: e.CULVERT_ADMIN_EMAIL, password: e.CULVERT_ADMIN_PASSWORD },
    log: { level: e.CULVERT_LOG_LEVEL },
  } as const);
}

function hasHalf(env: {
  readonly CULVERT_ADMIN_EMAIL?: string | undefined;
  readonly CULVERT_ADMIN_PASSWORD?: string | undefined;
}): boolean {
  return (env.CULVERT_ADMIN_EMAIL === undefined) !== (env.CULVERT_ADMIN_PASSWORD === undefined);
}
