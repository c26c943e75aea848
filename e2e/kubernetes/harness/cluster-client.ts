import { Agent, request, type RequestOptions } from "node:https";
import { KubeConfig } from "@kubernetes/client-node";
import { stringify } from "yaml";

const REQUEST_TIMEOUT_MS = 20_000;
const FIELD_MANAGER = "culvert-tests";

/** An object of Kubernetes, of which only the head matters here. */
export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly [field: string]: unknown;
}

export type ObjectName = Pick<KubernetesObject, "apiVersion" | "kind"> & {
  readonly metadata: { readonly name: string; readonly namespace?: string };
};

export class ClusterError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

export interface Answer {
  readonly status: number;
  readonly body: string;
}

function defined<T extends object>(value: T): { [K in keyof T]: NonNullable<T[K]> } {
  const entries = Object.entries(value).filter(([, item]) => item != null);
  return Object.fromEntries(entries) as { [K in keyof T]: NonNullable<T[K]> };
}

/** What tests do in the cluster, over plain HTTPS: whatever a kubeconfig's user may. */
export class ClusterClient {
  readonly #config = new KubeConfig();
  /** `apiVersion/kind` → plural name and whether it lives in a namespace. */
  readonly #resources = new Map<string, { plural: string; isNamespaced: boolean }>();
  #access: Promise<RequestOptions> | undefined;
  #namespaces = 0;

  constructor(kubeconfig: string) {
    this.#config.loadFromFile(kubeconfig);
  }

  get url(): string {
    return this.#cluster().server;
  }

  /** One request. @throws ClusterError for any other status than 2xx. */
  async request(method: string, path: string, body?: unknown, type?: string): Promise<Answer> {
    const { headers, ...access } = await (this.#access ??= this.#prepare());
    const options: RequestOptions = {
      ...access,
      method,
      headers: {
        ...headers,
        ...(body === undefined ? {} : { "content-type": type ?? "application/json" }),
      },
      signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
    };
    const answer = await new Promise<Answer>((resolve, reject) => {
      const call = request(new URL(path, this.url), options, (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () => {
          resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() });
        });
      });
      call.on("error", reject);
      call.end(body === undefined ? undefined : JSON.stringify(body));
    });
    if (answer.status >= 200 && answer.status < 300) return answer;
    throw new ClusterError(
      answer.status,
      `${method} ${path}: ${answer.status} ${answer.body.slice(0, 500)}`,
    );
  }

  /** Server-side apply, one after the other. */
  async apply(...objects: readonly KubernetesObject[]): Promise<void> {
    for (const object of objects) {
      const path = `${await this.pathOf(object)}?fieldManager=${FIELD_MANAGER}&force=true`;
      await this.request("PATCH", path, object, "application/apply-patch+yaml");
    }
  }

  /** Merges `change` into an object, or into its status. */
  async patch(
    object: ObjectName,
    change: unknown,
    subresource: "" | "/status" = "",
  ): Promise<void> {
    const path = `${await this.pathOf(object)}${subresource}`;
    await this.request("PATCH", path, change, "application/merge-patch+json");
  }

  /** Deletes them; what is gone already is fine. */
  async delete(...objects: readonly ObjectName[]): Promise<void> {
    for (const object of objects) {
      await this.request("DELETE", await this.pathOf(object)).catch((error: unknown) => {
        if (!(error instanceof ClusterError && error.status === 404)) throw error;
      });
    }
  }

  async get(object: ObjectName): Promise<Record<string, unknown>> {
    const { body } = await this.request("GET", await this.pathOf(object));
    return JSON.parse(body) as Record<string, unknown>;
  }

  /** A namespace of one's own. Without a controller manager none ever goes away, so names are not used twice. */
  async createNamespace(
    prefix: string,
    labels: Readonly<Record<string, string>> = {},
  ): Promise<string> {
    this.#namespaces += 1;
    const unique = `${process.pid.toString(36)}-${Date.now().toString(36)}${this.#namespaces}`;
    const name = `${prefix}-${unique}`;
    await this.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name, labels } });
    return name;
  }

  /** A token of a ServiceAccount, which is made when it is not there. */
  async createToken(namespace: string, name: string): Promise<string> {
    await this.apply({ apiVersion: "v1", kind: "ServiceAccount", metadata: { namespace, name } });
    const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${name}/token`;
    const { body } = await this.request("POST", path, {
      apiVersion: "authentication.k8s.io/v1",
      kind: "TokenRequest",
      spec: { expirationSeconds: 3_600 },
    });
    return (JSON.parse(body) as { status: { token: string } }).status.token;
  }

  /** A kubeconfig for the same server and another user, as text. `change` overrides what the cluster entry says. */
  kubeconfigFor(
    user: Readonly<Record<string, unknown>>,
    change: Readonly<Record<string, unknown>> = {},
  ): string {
    const { server, caData, caFile } = this.#cluster();
    const cluster = {
      server,
      ...(caData === undefined ? {} : { "certificate-authority-data": caData }),
      ...(caFile === undefined ? {} : { "certificate-authority": caFile }),
      ...change,
    };
    return stringify({
      apiVersion: "v1",
      kind: "Config",
      clusters: [{ name: "test", cluster }],
      users: [{ name: "test", user }],
      contexts: [{ name: "test", context: { cluster: "test", user: "test" } }],
      "current-context": "test",
    });
  }

  /** Makes the ServiceAccount an administrator of the whole cluster. */
  async allowEverything(namespace: string, name: string): Promise<void> {
    await this.apply({
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "ClusterRoleBinding",
      metadata: { name: `${namespace}-${name}` },
      roleRef: {
        apiGroup: "rbac.authorization.k8s.io",
        kind: "ClusterRole",
        name: "cluster-admin",
      },
      subjects: [{ kind: "ServiceAccount", namespace, name }],
    });
  }

  /** The server's certificate authority, PEM; what a projected `ca.crt` would hold. */
  get authority(): string {
    const { caData } = this.#cluster();
    if (caData === undefined) throw new Error("the kubeconfig holds no certificate authority");
    return Buffer.from(caData, "base64").toString();
  }

  /** The path of an object, as the server's own discovery names it. */
  async pathOf({ apiVersion, kind, metadata }: ObjectName): Promise<string> {
    const root = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
    const { plural, isNamespaced } = await this.#findResource(root, kind);
    const namespace = isNamespaced ? `/namespaces/${metadata.namespace ?? "default"}` : "";
    return `${root}${namespace}/${plural}/${metadata.name}`;
  }

  async #findResource(
    root: string,
    kind: string,
  ): Promise<{ plural: string; isNamespaced: boolean }> {
    const key = `${root}/${kind}`;
    const known = this.#resources.get(key);
    if (known !== undefined) return known;
    const { body } = await this.request("GET", root);
    const { resources } = JSON.parse(body) as {
      resources: { kind: string; name: string; namespaced: boolean }[];
    };
    const found = resources.find((item) => item.kind === kind && !item.name.includes("/"));
    if (found === undefined) throw new ClusterError(404, `${root} serves no ${kind}`);
    const resource = { plural: found.name, isNamespaced: found.namespaced };
    this.#resources.set(key, resource);
    return resource;
  }

  /** Credentials, and an agent that keeps its sockets: some tests make thousands of calls. */
  async #prepare(): Promise<RequestOptions> {
    const options: RequestOptions = {};
    await this.#config.applyToHTTPSOptions(options);
    const { ca, cert, key, headers = {} } = options;
    const agent = new Agent({ keepAlive: true, ...defined({ ca, cert, key }) });
    return { agent, headers: { ...headers } };
  }

  #cluster(): NonNullable<ReturnType<KubeConfig["getCurrentCluster"]>> {
    const cluster = this.#config.getCurrentCluster();
    if (cluster === null) throw new Error("the kubeconfig names no cluster");
    return cluster;
  }
}
