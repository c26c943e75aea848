import { TunnelPolicyPatch, type TunnelPolicy } from "#protocol/api/tunnels.ts";

/** What stands in the fields: seconds, a count, and one origin a line, as text. */
export interface PolicyForm {
  readonly connectSeconds: string;
  readonly idleMinutes: string;
  readonly maxConnections: string;
  /** Empty = as long as they like. */
  readonly drainMinutes: string;
  readonly allowedOrigins: string;
}

export type PolicyField = keyof PolicyForm;

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;

export function toForm(policy: TunnelPolicy): PolicyForm {
  return {
    connectSeconds: String(policy.connectTimeoutMs / SECOND_MS),
    idleMinutes: String(policy.idleTimeoutMs / MINUTE_MS),
    maxConnections: String(policy.maxConnections),
    drainMinutes: policy.directDrainMs === null ? "" : String(policy.directDrainMs / MINUTE_MS),
    allowedOrigins: policy.allowedOrigins.join("\n"),
  };
}

export const POLICY_HINTS: Record<PolicyField, string> = {
  connectSeconds: "1 to 300 seconds",
  idleMinutes: "10 seconds (0.17) to a week (10080)",
  maxConnections: "1 to 10,000",
  drainMinutes: "empty to let them live on, or 1 second (0.017) to a day (1440)",
  allowedOrigins: "one a line: https://app.example.com, or *.example.com for every name below it",
};

const FIELD_OF: Record<string, PolicyField> = {
  connectTimeoutMs: "connectSeconds",
  idleTimeoutMs: "idleMinutes",
  maxConnections: "maxConnections",
  directDrainMs: "drainMinutes",
  allowedOrigins: "allowedOrigins",
};

export type PolicyCheck =
  | { readonly ok: true; readonly patch: TunnelPolicyPatch }
  | { readonly ok: false; readonly errors: Partial<Record<PolicyField, string>> };

/** Checks by the server's own schema, so that both agree on every bound. */
export function checkPolicy(form: PolicyForm): PolicyCheck {
  const number = (text: string): number => (text.trim() === "" ? Number.NaN : Number(text));
  const origins = parseOrigins(form.allowedOrigins);
  const parsed = TunnelPolicyPatch.safeParse({
    connectTimeoutMs: Math.round(number(form.connectSeconds) * SECOND_MS),
    idleTimeoutMs: Math.round(number(form.idleMinutes) * MINUTE_MS),
    maxConnections: number(form.maxConnections),
    directDrainMs:
      form.drainMinutes.trim() === "" ? null : Math.round(number(form.drainMinutes) * MINUTE_MS),
    allowedOrigins: origins,
  });
  if (parsed.success) return { ok: true, patch: parsed.data };
  const errors: Partial<Record<PolicyField, string>> = {};
  for (const { path, message } of parsed.error.issues) {
    const field = FIELD_OF[String(path[0])];
    if (field === undefined) continue;
    const origin = typeof path[1] === "number" ? origins[path[1]] : undefined;
    errors[field] ??=
      origin === undefined ? `Must be ${POLICY_HINTS[field]}.` : `${origin} ${message}.`;
  }
  return { ok: false, errors };
}

/** As browsers write origins: lower case and without a path; each once. */
function parseOrigins(text: string): string[] {
  const lines = text.split(/[\s,]+/).map((line) => line.toLowerCase().replace(/\/+$/, ""));
  return [...new Set(lines.filter((line) => line !== ""))];
}
