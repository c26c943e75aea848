import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, request, type RequestOptions, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { KubeConfig } from "@kubernetes/client-node";
import { stringify } from "yaml";
import { LOCALHOST_CERTIFICATE } from "#mux/transport/websocket/testing/localhost-certificate.ts";

/** What happens to the requests that match, instead of an answer. */
export type Fault =
  /** Answered so, as Kubernetes would. */
  | { readonly kind: "status"; readonly status: number; readonly retryAfterSeconds?: number }
  /** Lists come one object a page, and every page after the first is answered so. */
  | { readonly kind: "half_list"; readonly status: number }
  /** Each answer begins so much later. */
  | { readonly kind: "slow"; readonly delayMs: number }
  /** The head of the answer never comes. */
  | { readonly kind: "mute" };

interface Rule {
  readonly path: RegExp;
  readonly fault: Fault;
}

/**
 * A reverse proxy in front of a real API server that makes some requests go wrong. It signs in itself: its kubeconfig
 * holds no credentials.
 */
export class FaultyProxy {
  readonly #config = new KubeConfig();
  readonly #server: Server;
  #rules: readonly Rule[] = [];
  readonly #open = new Map<ServerResponse, string>();
  /** Requests that were answered by a fault. */
  faults = 0;

  constructor(kubeconfig: string) {
    this.#config.loadFromFile(kubeconfig);
    this.#server = createServer(
      LOCALHOST_CERTIFICATE,
      (incoming, answer) => void this.#handle(incoming, answer),
    );
  }

  static async start(kubeconfig: string): Promise<FaultyProxy> {
    const proxy = new FaultyProxy(kubeconfig);
    await new Promise<void>((resolve) => proxy.#server.listen(0, "127.0.0.1", resolve));
    return proxy;
  }

  kubeconfig(): string {
    const { port } = this.#server.address() as AddressInfo;
    return stringify({
      apiVersion: "v1",
      kind: "Config",
      clusters: [
        {
          name: "test",
          cluster: {
            server: `https://127.0.0.1:${port}`,
            "certificate-authority-data": Buffer.from(LOCALHOST_CERTIFICATE.cert).toString(
              "base64",
            ),
          },
        },
      ],
      users: [{ name: "test", user: {} }],
      contexts: [{ name: "test", context: { cluster: "test", user: "test" } }],
      "current-context": "test",
    });
  }

  /** From now on requests whose path matches go wrong, and what is open for them ends. */
  fail(path: RegExp, fault: Fault): void {
    this.#rules = [{ path, fault }, ...this.#rules];
    for (const [answer, url] of this.#open) if (path.test(url)) answer.destroy();
  }

  /** From now on everything goes well. */
  heal(): void {
    this.#rules = [];
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  async #handle(incoming: IncomingMessage, answer: ServerResponse): Promise<void> {
    const url = new URL(incoming.url ?? "/", "http://proxy");
    const fault = this.#rules.find(({ path }) => path.test(url.pathname))?.fault;
    this.#open.set(answer, url.pathname);
    answer.once("close", () => this.#open.delete(answer));
    if (fault?.kind === "mute") this.faults += 1;
    else if (fault?.kind === "status") this.#refuse(answer, fault.status, fault.retryAfterSeconds);
    else if (fault?.kind === "half_list" && url.searchParams.has("continue")) {
      this.#refuse(answer, fault.status);
    } else {
      if (fault?.kind === "half_list" && url.searchParams.has("limit")) {
        url.searchParams.set("limit", "1");
      }
      if (fault?.kind === "slow") {
        this.faults += 1;
        await new Promise((resolve) => setTimeout(resolve, fault.delayMs));
      }
      await this.#forward(incoming, answer, url);
    }
  }

  #refuse(answer: ServerResponse, status: number, retryAfterSeconds?: number): void {
    this.faults += 1;
    answer.writeHead(status, {
      "content-type": "application/json",
      ...(retryAfterSeconds === undefined ? {} : { "retry-after": String(retryAfterSeconds) }),
    });
    answer.end(
      JSON.stringify({ kind: "Status", apiVersion: "v1", status: "Failure", code: status }),
    );
  }

  async #forward(incoming: IncomingMessage, answer: ServerResponse, url: URL): Promise<void> {
    const headers = { ...incoming.headers };
    delete headers.host;
    const options: RequestOptions = { method: incoming.method ?? "GET", headers };
    await this.#config.applyToHTTPSOptions(options);
    const server = this.#config.getCurrentCluster()?.server ?? "";
    const call = request(new URL(`${url.pathname}${url.search}`, server), options, (response) => {
      answer.writeHead(response.statusCode ?? 502, response.headers);
      answer.flushHeaders();
      response.pipe(answer);
      response.once("error", () => answer.destroy());
    });
    call.once("error", () => answer.destroy());
    answer.once("close", () => call.destroy());
    incoming.pipe(call);
  }
}
