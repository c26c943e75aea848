import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent, type RequestOptions } from "node:https";
import type { KubeConfig } from "@kubernetes/client-node";
import { KubernetesApiError } from "./api-error.ts";
import { useTokenFiles } from "./token-files.ts";

/** Where the API server is and who we are to it. */
export type ClusterCredentials =
  /** As kubectl does: several files are merged, the first that names a context decides it. */
  | { readonly kind: "kubeconfig"; readonly files: readonly string[] }
  /** What Kubernetes puts into every pod: `token` and `ca.crt` in the folder, replaced from time to time. */
  | {
      readonly kind: "service_account";
      readonly host: string;
      readonly port: number;
      readonly folder: string;
    };

/** What a request to the API server needs. */
export interface PreparedAccess {
  readonly server: URL;
  readonly options: Pick<RequestOptions, "headers" | "agent" | "auth">;
}

/** Sockets that nobody uses are closed after this time. */
const IDLE_SOCKET_MS = 30_000;

/**
 * Credentials of the API server, as they are now. Certificates and tokens change on disk while the agent runs: files
 * are compared at every request, and read again after a refusal.
 */
export class ClusterAccess {
  readonly #credentials: ClusterCredentials;
  #kubeConfig: KubeConfig | null = null;
  #agent: HttpAgent | null = null;
  /** Certificates and key that the agent's sockets were made with. */
  #material = "";

  constructor(credentials: ClusterCredentials) {
    this.#credentials = credentials;
  }

  /** Forgets every token and certificate: the next request reads them again. */
  renew(): void {
    this.#kubeConfig = null;
  }

  /** @throws KubernetesApiError `access`: when credentials cannot be read. */
  async prepare(): Promise<PreparedAccess> {
    try {
      return await this.#prepare();
    } catch (cause) {
      this.#kubeConfig = null;
      const reason = cause instanceof Error ? (cause.message.split("\n", 1)[0] ?? "") : "unknown";
      const message = `The credentials of the API server cannot be read: ${reason}.`;
      throw new KubernetesApiError({ status: 0, code: "access", message, cause });
    }
  }

  close(): void {
    this.#agent?.destroy();
    this.#agent = null;
    this.#kubeConfig = null;
  }

  async #prepare(): Promise<PreparedAccess> {
    const kubeConfig = this.#kubeConfig ?? (await loadKubeConfig(this.#credentials));
    const cluster = kubeConfig.getCurrentCluster();
    if (cluster === null) throw new Error("the kubeconfig has no current context with a cluster");
    const options: RequestOptions = {};
    await kubeConfig.applyToHTTPSOptions(options);
    const material = fingerprint(options);
    if (this.#agent === null || this.#kubeConfig !== kubeConfig || this.#material !== material) {
      this.#agent = createAgent(cluster, options);
      this.#material = material;
    }
    this.#kubeConfig = kubeConfig;
    const auth = options.auth == null ? {} : { auth: options.auth };
    return {
      server: new URL(cluster.server),
      options: { headers: options.headers ?? {}, agent: this.#agent, ...auth },
    };
  }
}

function fingerprint({ ca, cert, key }: RequestOptions): string {
  return [ca, cert, key]
    .map((item) => (Buffer.isBuffer(item) ? item.toString("base64") : ""))
    .join();
}

/** Theirs only where a proxy is named: it keeps certificates for ever, and opens a socket for each request. */
function createAgent(
  cluster: { readonly server: string; readonly proxyUrl?: string },
  options: RequestOptions,
): HttpAgent {
  if (cluster.proxyUrl !== undefined && options.agent instanceof HttpAgent) return options.agent;
  const shared = { keepAlive: true, timeout: IDLE_SOCKET_MS };
  if (cluster.server.startsWith("http:")) return new HttpAgent(shared);
  const { ca, cert, key, servername, rejectUnauthorized } = options;
  return new HttpsAgent({
    ...shared,
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(servername === undefined ? {} : { servername }),
    ...(rejectUnauthorized === undefined ? {} : { rejectUnauthorized }),
  });
}

/** The library is loaded when it is needed: it weighs more than the rest of the agent. */
async function loadKubeConfig(credentials: ClusterCredentials): Promise<KubeConfig> {
  const { KubeConfig } = await import("@kubernetes/client-node/dist/config.js");
  const kubeConfig = new KubeConfig();
  if (credentials.kind === "service_account") {
    const { host, port, folder } = credentials;
    kubeConfig.loadFromClusterAndUser(
      {
        name: "in-cluster",
        server: `https://${host.includes(":") ? `[${host}]` : host}:${port}`,
        caFile: `${folder}/ca.crt`,
        skipTLSVerify: false,
      },
      {
        name: "service-account",
        authProvider: { name: "tokenFile", config: { tokenFile: `${folder}/token` } },
      },
    );
    return kubeConfig;
  }
  for (const [index, file] of credentials.files.entries()) {
    if (index === 0) {
      kubeConfig.loadFromFile(file);
      await useTokenFiles(kubeConfig, file);
    } else {
      const more = new KubeConfig();
      more.loadFromFile(file);
      await useTokenFiles(more, file);
      kubeConfig.mergeConfig(more, kubeConfig.getCurrentContext() !== "");
    }
  }
  return kubeConfig;
}
