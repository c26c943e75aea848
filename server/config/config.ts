import { z } from "zod";
import { SETTINGS, type VariableName } from "./variables.ts";
import { isAtOrBelow } from "#server/lib/host-patterns.ts";
import { joinPath, relayHostFor } from "./derived.ts";

const Variables = z.object(SETTINGS);
type Values = z.output<typeof Variables>;

const Env = Variables.refine((env) => !hasHalf(env), {
  path: ["CULVERT_ADMIN_PASSWORD"],
  error: "CULVERT_ADMIN_EMAIL and CULVERT_ADMIN_PASSWORD go together",
})
  .refine((env) => env.CULVERT_EDGE_PORT !== env.CULVERT_PORT, {
    path: ["CULVERT_EDGE_PORT"],
    error: "must be another port than CULVERT_PORT",
  })
  .refine((env) => !isWithin(env.CULVERT_EDGE_PORT, env.CULVERT_RELAY_PORTS), {
    path: ["CULVERT_EDGE_PORT"],
    error: "must lie outside of CULVERT_RELAY_PORTS",
  })
  .refine((env) => !isAtOrBelow(publicUrlOf(env)?.hostname ?? "", env.CULVERT_EDGE_DOMAIN), {
    path: ["CULVERT_EDGE_DOMAIN"],
    error: "must be neither the host of CULVERT_PUBLIC_URL nor a parent of it",
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
  const publicUrl = new URL(e.CULVERT_PUBLIC_URL ?? defaultUrl(e));
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
    /** Without a format it depends on where the log goes. */
    log: { level: e.CULVERT_LOG_LEVEL, format: e.CULVERT_LOG_FORMAT },
  } as const);
}

/** Null for what is no URL: rules between variables are asked although one of them is wrong itself. */
function publicUrlOf(env: Pick<Values, "CULVERT_PUBLIC_URL" | "CULVERT_PORT">): URL | null {
  return URL.parse(env.CULVERT_PUBLIC_URL ?? defaultUrl(env));
}

function defaultUrl(env: Pick<Values, "CULVERT_PORT">): string {
  return `http://localhost:${env.CULVERT_PORT}`;
}

function isWithin(port: number, range: { readonly from: number; readonly to: number }): boolean {
  return port >= range.from && port <= range.to;
}

function hasHalf(env: {
  readonly CULVERT_ADMIN_EMAIL?: string | undefined;
  readonly CULVERT_ADMIN_PASSWORD?: string | undefined;
}): boolean {
  return (env.CULVERT_ADMIN_EMAIL === undefined) !== (env.CULVERT_ADMIN_PASSWORD === undefined);
}
