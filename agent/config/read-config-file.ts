import { parse } from "yaml";
import { SETTINGS } from "./settings.ts";

export interface FileValues {
  /** By path with dots, as written: not yet checked. */
  readonly values: ReadonlyMap<string, unknown>;
  /** The entries of `expose`, as `--expose` takes them. */
  readonly exposes: readonly string[];
}

const NOTHING: FileValues = { values: new Map(), exposes: [] };

/** Reads the YAML file into paths and values. Keys that nothing reads are reported: they are typing errors. */
export function readConfigFile(text: string | null, problems: string[]): FileValues {
  if (text === null) return NOTHING;
  let content: unknown;
  try {
    content = parse(text, { prettyErrors: true, maxAliasCount: 100 });
  } catch (cause) {
    const reason = cause instanceof Error ? (cause.message.split("\n", 1)[0] ?? "") : "";
    problems.push(`The configuration file is not YAML: ${reason}`);
    return NOTHING;
  }
  if (content === null || content === undefined) return NOTHING;
  if (!isTree(content)) {
    problems.push("The configuration file must consist of keys and values.");
    return NOTHING;
  }
  const { expose, ...rest } = content;
  const values = new Map<string, unknown>();
  collect(rest, "", { values, problems });
  return { values, exposes: readExposes(expose, problems) };
}

const PATHS: ReadonlySet<string> = new Set(
  Object.values(SETTINGS).map((setting) => setting.path.join(".")),
);

interface Collecting {
  readonly values: Map<string, unknown>;
  readonly problems: string[];
}

function collect(tree: Readonly<Record<string, unknown>>, prefix: string, into: Collecting): void {
  for (const [key, value] of Object.entries(tree)) {
    const path = prefix === "" ? key : `${prefix}.${key}`;
    const isBranch = [...PATHS].some((known) => known.startsWith(`${path}.`));
    if (PATHS.has(path)) into.values.set(path, value);
    else if (isBranch && isTree(value)) collect(value, path, into);
    else if (!isBranch || value !== null) {
      into.problems.push(`${path} in the configuration file is no setting of the agent.`);
    }
  }
}

/** `expose: { db: "tcp://127.0.0.1:5432" }` */
function readExposes(value: unknown, problems: string[]): readonly string[] {
  if (value === undefined || value === null) return [];
  if (!isTree(value)) {
    problems.push("expose in the configuration file must consist of names and addresses.");
    return [];
  }
  return Object.entries(value).map(([name, target]) => `${name}=${String(target)}`);
}

function isTree(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
