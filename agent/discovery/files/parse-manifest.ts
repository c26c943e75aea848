import { LineCounter, parseAllDocuments, type Document } from "yaml";
import type { z } from "zod";
import { DiscoveredObject, GROUP_BY_KIND } from "../rules/objects.ts";

export interface ManifestProblem {
  /** 1-based; null when it concerns the whole file. */
  readonly line: number | null;
  readonly reason: string;
}

export interface ManifestObject {
  readonly object: DiscoveredObject;
  readonly line: number;
}

/** Either every object of a file, or why it cannot be read. `notes` say what was passed over on purpose. */
export type ParsedManifest =
  | {
      readonly ok: true;
      readonly objects: readonly ManifestObject[];
      readonly notes: readonly ManifestProblem[];
    }
  | { readonly ok: false; readonly problems: readonly ManifestProblem[] };

/** Kinds of the same API group that say nothing about what to publish. */
const IGNORED_KINDS = new Set(["GatewayClass", "BackendTLSPolicy"]);
const DOCUMENTS_MAX = 5_000;
const ALIASES_MAX = 100;
const PROBLEMS_MAX = 10;

/**
 * Reads one file of manifests: YAML or JSON (which is YAML), several documents, `List`s too.
 *
 * All or nothing: a file that is wrong in one place gives no object at all, so that the caller can keep what the file
 * said before as a whole.
 */
export function parseManifest(text: string): ParsedManifest {
  const lines = new LineCounter();
  const documents = parseAllDocuments(text, { lineCounter: lines, prettyErrors: false });
  if (!Array.isArray(documents)) return { ok: true, objects: [], notes: [] };
  if (documents.length > DOCUMENTS_MAX) {
    return {
      ok: false,
      problems: [{ line: null, reason: `More than ${DOCUMENTS_MAX} documents.` }],
    };
  }
  const collected: Collected = { objects: [], notes: [], problems: [] };
  for (const document of documents) readDocument(document, lines, collected);
  if (collected.problems.length > 0) {
    return { ok: false, problems: collected.problems.slice(0, PROBLEMS_MAX) };
  }
  return { ok: true, objects: collected.objects, notes: collected.notes };
}

interface Collected {
  readonly objects: ManifestObject[];
  readonly notes: ManifestProblem[];
  readonly problems: ManifestProblem[];
}

function readDocument(document: Document, lines: LineCounter, collected: Collected): void {
  for (const error of document.errors) {
    collected.problems.push({
      line: lines.linePos(error.pos[0]).line,
      reason: firstLine(error.message),
    });
  }
  if (document.errors.length > 0 || document.contents === null) return;
  const lineAt = createLineFinder(document, lines);
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: ALIASES_MAX });
  } catch (cause) {
    const reason = cause instanceof Error ? firstLine(cause.message) : "It cannot be read.";
    collected.problems.push({ line: lineAt([]), reason });
    return;
  }
  if (value === null || value === undefined) return;
  if (isRecord(value) && value["kind"] === "List" && Array.isArray(value["items"])) {
    for (const [index, item] of value["items"].entries()) {
      readObject(item, (path) => lineAt(["items", index, ...path]), collected);
    }
    return;
  }
  readObject(value, lineAt, collected);
}

type Path = readonly (string | number)[];
type LineFinder = (path: Path) => number;

/** The line of the nearest thing that exists on the way to a path. */
function createLineFinder(document: Document, lines: LineCounter): LineFinder {
  return (path) => {
    for (let length = path.length; length >= 0; length -= 1) {
      const node: unknown = document.getIn(path.slice(0, length), true);
      if (isRecord(node) && Array.isArray(node["range"]) && typeof node["range"][0] === "number") {
        return lines.linePos(node["range"][0]).line;
      }
    }
    return 1;
  };
}

function readObject(value: unknown, lineAt: LineFinder, collected: Collected): void {
  const line = lineAt([]);
  if (!isRecord(value) || typeof value["kind"] !== "string") {
    collected.problems.push({ line, reason: "This is no Kubernetes object: it has no kind." });
    return;
  }
  if (!isWanted(value["kind"], value["apiVersion"], lineAt, collected)) return;
  const parsed = DiscoveredObject.safeParse(value);
  if (parsed.success) {
    collected.objects.push({ object: parsed.data, line });
    return;
  }
  for (const issue of parsed.error.issues) {
    collected.problems.push(describe(value["kind"], issue, lineAt));
  }
}

/** Whether kind and API group are ones we read. What looks like a mistake is reported. */
function isWanted(
  kind: string,
  apiVersion: unknown,
  lineAt: LineFinder,
  collected: Collected,
): boolean {
  const version = typeof apiVersion === "string" ? apiVersion : "";
  const group = version.includes("/") ? (version.split("/")[0] ?? "") : "";
  const wanted = GROUP_BY_KIND.get(kind);
  if (wanted === undefined) {
    if (group === "gateway.networking.k8s.io" && !IGNORED_KINDS.has(kind)) {
      const reason = `The kind ${kind} is not known and was passed over.`;
      collected.notes.push({ line: lineAt(["kind"]), reason });
    }
    return false;
  }
  if (version === "") {
    collected.problems.push({ line: lineAt([]), reason: `${kind} has no apiVersion.` });
    return false;
  }
  if (group === wanted) return true;
  const expected = wanted === "" ? "v1" : `${wanted}/…`;
  const reason = `${kind} has the apiVersion ${version}, not ${expected}, and was passed over.`;
  collected.notes.push({ line: lineAt(["apiVersion"]), reason });
  return false;
}

function describe(kind: string, issue: z.core.$ZodIssue, lineAt: LineFinder): ManifestProblem {
  const path = issue.path.filter((part) => typeof part !== "symbol");
  return {
    line: lineAt(path),
    reason: `${kind}: ${path.join(".")}: ${firstLine(issue.message)}`,
  };
}

function firstLine(text: string): string {
  return text.split("\n", 1)[0] ?? text;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
