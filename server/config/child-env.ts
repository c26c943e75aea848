import { SETTINGS } from "./variables.ts";

/** What a child needs from the surroundings, beside our own variables. */
const PASSED_ON = [
  "PATH",
  "HOME",
  "TMPDIR",
  "TZ",
  "LANG",
  "LC_ALL",
  "NODE_ENV",
  "NODE_OPTIONS",
  "NODE_EXTRA_CA_CERTS",
];

/** Variables that only the web process may see. */
const WEB_ONLY = new Set([
  "DATABASE_URL",
  "CULVERT_SECRET",
  "CULVERT_ADMIN_EMAIL",
  "CULVERT_ADMIN_PASSWORD",
]);

/**
 * The environment of a child process: our own variables and a few harmless ones, nothing else.
 * A relay process gets no secret that it has no use for.
 */
export function childEnv(
  env: Readonly<Record<string, string | undefined>>,
  child: "web" | "relay",
  extra: Readonly<Record<string, string>> = {},
): Record<string, string> {
  const names = [...PASSED_ON, ...Object.keys(SETTINGS)];
  const result: Record<string, string> = {};
  for (const name of names) {
    const value = env[name];
    if (value === undefined || (child === "relay" && WEB_ONLY.has(name))) continue;
    result[name] = value;
  }
  return { ...result, ...extra };
}
