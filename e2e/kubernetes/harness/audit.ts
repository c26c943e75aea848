import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { stringify } from "yaml";
import { z } from "zod";

const Entry = z.object({
  verb: z.string(),
  requestURI: z.string(),
  user: z.object({ username: z.string() }),
  objectRef: z
    .object({
      resource: z.string().optional(),
      subresource: z.string().optional(),
      apiGroup: z.string().optional(),
    })
    .optional(),
  responseStatus: z.object({ code: z.number().optional() }).optional(),
});

/** One call that the API server answered. */
export interface AuditedCall {
  readonly verb: string;
  readonly group: string;
  /** `gateways`, `gateways/status`; empty for what is no resource, such as `/version`. */
  readonly resource: string;
  readonly path: string;
  readonly status: number;
}

export interface AuditLog {
  /** For kube-apiserver. */
  readonly flags: readonly string[];
  /** Everything that somebody has called so far. */
  callsOf(user: string): Promise<readonly AuditedCall[]>;
}

/** A log of every call, written by the API server itself; gone when the test is over. */
export async function createAuditLog(): Promise<AuditLog> {
  const folder = await mkdtemp(join(tmpdir(), "culvert-audit-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const [policy, log] = [join(folder, "policy.yaml"), join(folder, "audit.log")];
  await writeFile(
    policy,
    stringify({
      apiVersion: "audit.k8s.io/v1",
      kind: "Policy",
      omitStages: ["RequestReceived"],
      rules: [{ level: "Metadata" }],
    }),
  );
  return {
    flags: [`--audit-policy-file=${policy}`, `--audit-log-path=${log}`],
    callsOf: async (user) => {
      const lines = (await readFile(log, "utf8")).split("\n").slice(0, -1);
      return lines
        .map((line) => Entry.parse(JSON.parse(line)))
        .filter((entry) => entry.user.username === user)
        .map(toCall);
    },
  };
}

function toCall({ verb, requestURI, objectRef = {}, responseStatus }: z.infer<typeof Entry>) {
  const { resource = "", subresource, apiGroup = "" } = objectRef;
  return {
    verb,
    group: apiGroup,
    resource: subresource === undefined ? resource : `${resource}/${subresource}`,
    path: requestURI.split("?", 1)[0] ?? "",
    status: responseStatus?.code ?? 0,
  };
}
