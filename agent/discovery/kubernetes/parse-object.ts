import { z } from "zod";
import { DiscoveredObject } from "../rules/objects.ts";

const SERVICE_LABEL = "kubernetes.io/service-name";
/** Annotations of others may be large: the last applied manifest, for one. */
const OUR_ANNOTATION = /^(culvert\.dev|pipeops\.io)\//;

const texts = z
  .record(z.string(), z.string())
  .nullish()
  .transform((value) => value ?? {});

const NamespaceObject = z.object({
  kind: z.literal("Namespace"),
  metadata: z.object({ name: z.string(), labels: texts }),
});
type NamespaceObject = z.infer<typeof NamespaceObject>;

const GatewayClassObject = z.object({
  kind: z.literal("GatewayClass"),
  metadata: z.object({ name: z.string() }),
  spec: z.object({ controllerName: z.string() }),
});
type GatewayClassObject = z.infer<typeof GatewayClassObject>;

/** An object as the agent keeps it: the fields that the rules read, nothing else. */
export type ClusterObject = DiscoveredObject | NamespaceObject | GatewayClassObject;

export interface ParsedObject {
  /** `namespace/name`, or the name alone. */
  readonly key: string;
  readonly version: string | null;
  /** Null when it cannot be read; `reason` says why, in one plain sentence. */
  readonly object: ClusterObject | null;
  readonly reason: string;
}

const Identity = z.object({
  metadata: z.object({
    name: z.string().default(""),
    namespace: z.string().default(""),
    resourceVersion: z.string().optional(),
  }),
});

/** Reads one object of the API. Lists of built-in kinds leave `kind` out, so it is given. */
export function parseObject(kind: string, raw: unknown): ParsedObject {
  const identity = Identity.safeParse(raw);
  if (!identity.success) return { key: "", version: null, object: null, reason: describe(kind) };
  const { name, namespace, resourceVersion } = identity.data.metadata;
  const key = namespace === "" ? name : `${namespace}/${name}`;
  const version = resourceVersion ?? null;
  const parsed = schemaOf(kind).safeParse({ ...(raw as object), kind });
  if (parsed.success) return { key, version, object: trim(parsed.data), reason: "" };
  return { key, version, object: null, reason: describe(kind, parsed.error.issues[0]) };
}

function schemaOf(kind: string): z.ZodType<ClusterObject> {
  if (kind === "Namespace") return NamespaceObject;
  if (kind === "GatewayClass") return GatewayClassObject;
  return DiscoveredObject;
}

function describe(kind: string, issue?: z.core.$ZodIssue): string {
  const where = issue === undefined ? "metadata" : issue.path.map(String).join(".");
  const what = issue?.message.split("\n", 1)[0] ?? "is not as expected";
  return `This ${kind} cannot be read: ${where}: ${what}. Its last good state stays in force.`;
}

/** The object is fresh from the parser: nobody else holds it. */
function trim(object: ClusterObject): ClusterObject {
  if (object.kind === "Namespace" || object.kind === "GatewayClass") return object;
  const { metadata } = object;
  metadata.labels = trimLabels(object.kind, metadata.labels);
  metadata.annotations = pick(metadata.annotations, (name) => OUR_ANNOTATION.test(name));
  return object;
}

type Texts = Record<string, string>;

function trimLabels(kind: string, labels: Texts): Texts {
  if (kind === "Gateway") return labels;
  return pick(labels, (name) => name === SERVICE_LABEL);
}

function pick(texts: Texts, isWanted: (name: string) => boolean): Texts {
  return Object.fromEntries(Object.entries(texts).filter(([name]) => isWanted(name)));
}
