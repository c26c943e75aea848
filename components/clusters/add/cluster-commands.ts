import { shellWord } from "./agent-command.ts";

const NAMESPACE = "culvert";
const SECRET = "culvert-agent";
const NEXT_LINE = " \\\n  ";

interface ClusterCommandOptions {
  readonly publicUrl: string;
  readonly token: string;
  readonly agentImage: string;
}

/** Whether a cluster could pull the image: a name alone is one that nobody pushed anywhere. */
export function isInRegistry(image: string): boolean {
  return image.includes("/");
}

/** Whether the server calls itself by a name that means another machine to everybody else. */
export function isOnlyLocal(publicUrl: string): boolean {
  const host = URL.parse(publicUrl)?.hostname ?? "";
  return host === "localhost" || host.endsWith(".localhost") || /^(127\.|\[::1\]$)/.test(host);
}

interface ImageParts {
  readonly repository: string;
  readonly tag: string | null;
  readonly digest: string | null;
}

/** Takes `registry:5000/name:tag@sha256:…` apart. */
export function parseImage(image: string): ImageParts {
  const [named = "", digest = null] = image.split("@");
  // A colon before the last slash belongs to the registry's port.
  const match = /^(.*):([^/:]+)$/.exec(named);
  return { repository: match?.[1] ?? named, tag: match?.[2] ?? null, digest };
}

/** Three commands: a place for the token outside Helm's own records, the token, and the chart of this server. */
export function helmCommands(options: ClusterCommandOptions): string {
  const url = options.publicUrl.replace(/\/+$/, "");
  const values = [`server.url=${url}`, `token.existingSecret=${SECRET}`];
  if (isInRegistry(options.agentImage)) {
    const { repository, tag, digest } = parseImage(options.agentImage);
    values.push(`image.repository=${repository}`);
    if (tag !== null) values.push(`image.tag=${tag}`);
    if (digest !== null) values.push(`image.digest=${digest}`);
  }
  const helm = [
    "helm upgrade --install culvert-agent",
    shellWord(`${url}/deploy/culvert-agent.tgz`),
    `--namespace ${NAMESPACE}`,
    ...values.map((value) => `--set ${shellWord(value)}`),
  ];
  return [...tokenCommands(options.token), helm.join(NEXT_LINE)].join("\n");
}

/** The same with kubectl alone: the server fills its address and the image into its manifests. */
export function kubectlCommands({ publicUrl, token }: ClusterCommandOptions): string {
  const url = publicUrl.replace(/\/+$/, "");
  const apply = `kubectl apply -f ${shellWord(`${url}/deploy/agent.yaml`)}`;
  return [...tokenCommands(token), apply].join("\n");
}

function tokenCommands(token: string): readonly string[] {
  return [
    `kubectl create namespace ${NAMESPACE}`,
    `kubectl -n ${NAMESPACE} create secret generic ${SECRET}${NEXT_LINE}--from-literal=${shellWord(`token=${token}`)}`,
  ];
}
