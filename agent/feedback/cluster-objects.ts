import type { z } from "zod";
import type { Inventory } from "#protocol/control/inventory.ts";
import type { KubernetesApi } from "../discovery/kubernetes/api-client.ts";
import { collectionPath } from "../discovery/kubernetes/api-path.ts";
import { OWN_CONTROLLER } from "../discovery/rules/gateway-address.ts";
import { ENDPOINT_ANNOTATION } from "./gateway-feedback.ts";
import type { WantedStatus } from "./gateway-status.ts";
import { type Condition, LiveGateway, LiveGatewayClass, LiveHead } from "./live-objects.ts";

const GROUP = "gateway.networking.k8s.io";
const FIELD_MANAGER = "culvert-agent";
/** Gateway classes of one cluster that are looked at. */
const CLASSES_MAX = 500;

export interface ClusterObjectsOptions {
  readonly api: KubernetesApi;
  /** Null: all. */
  readonly namespaces: readonly string[] | null;
  /** Which versions of the Gateway API are in use. */
  readonly inventory: () => Inventory;
}

/**
 * The objects that feedback reads and writes. A single object is read as a list of one, because discovery may list and
 * nothing else: so feedback needs no further permission to read.
 */
export class ClusterObjects {
  readonly #options: ClusterObjectsOptions;

  constructor(options: ClusterObjectsOptions) {
    this.#options = options;
  }

  async *listGateways(signal: AbortSignal): AsyncGenerator<LiveGateway, void> {
    for (const namespace of this.#options.namespaces ?? [null]) {
      const path = this.#collection("Gateway", namespace);
      for await (const { items } of this.#options.api.listPages(path, { signal })) {
        for (const item of items) {
          const parsed = LiveGateway.safeParse(item);
          if (parsed.success) yield parsed.data;
        }
      }
    }
  }

  async findGateway(
    namespace: string,
    name: string,
    signal: AbortSignal,
  ): Promise<LiveGateway | null> {
    return this.#findOne(LiveGateway, { kind: "Gateway", namespace, name }, signal);
  }

  /** @returns the identity of an object now, null when it is gone. */
  async findUid(
    object: { readonly kind: string; readonly namespace: string; readonly name: string },
    signal: AbortSignal,
  ): Promise<string | null> {
    return (await this.#findOne(LiveHead, object, signal))?.metadata.uid ?? null;
  }

  /** Classes whose Gateways Culvert speaks for. */
  async listOwnClasses(signal: AbortSignal): Promise<readonly LiveGatewayClass[]> {
    const path = this.#collection("GatewayClass", null);
    const own: LiveGatewayClass[] = [];
    for await (const { items } of this.#options.api.listPages(path, { signal })) {
      for (const item of items) {
        const parsed = LiveGatewayClass.safeParse(item);
        if (parsed.success && parsed.data.spec.controllerName === OWN_CONTROLLER) {
          own.push(parsed.data);
        }
      }
      if (own.length >= CLASSES_MAX) break;
    }
    return own;
  }

  /** @param text null takes the annotation away. */
  async annotate(
    { metadata: { namespace, name, uid } }: LiveGateway,
    text: string | null,
    signal: AbortSignal,
  ): Promise<void> {
    const path = `${this.#collection("Gateway", namespace)}/${name}`;
    const body = { metadata: { uid, annotations: { [ENDPOINT_ANNOTATION]: text } } };
    const query = { fieldManager: FIELD_MANAGER };
    await this.#options.api.patch(path, "application/merge-patch+json", body, { query, signal });
  }

  async writeStatus(
    { metadata: { namespace, name, uid } }: LiveGateway,
    status: WantedStatus,
    signal: AbortSignal,
  ): Promise<void> {
    const path = `${this.#collection("Gateway", namespace)}/${name}/status`;
    const metadata = { namespace, name, uid };
    await this.#applyStatus(path, { kind: "Gateway", metadata, status }, signal);
  }

  async acceptClass(
    { metadata: { name, uid } }: LiveGatewayClass,
    conditions: readonly Condition[],
    signal: AbortSignal,
  ): Promise<void> {
    const path = `${this.#collection("GatewayClass", null)}/${name}/status`;
    const object = { kind: "GatewayClass", metadata: { name, uid }, status: { conditions } };
    await this.#applyStatus(path, object, signal);
  }

  async createEvent(namespace: string, event: object, signal: AbortSignal): Promise<void> {
    const path = collectionPath("events.k8s.io", "v1", "events", namespace);
    await this.#options.api.post(path, event, { query: { fieldManager: FIELD_MANAGER }, signal });
  }

  apiVersionOf(kind: string): string {
    const kinds = this.#options.inventory().gatewayApi?.kinds ?? [];
    return `${GROUP}/${kinds.find((item) => item.kind === kind)?.version ?? "v1"}`;
  }

  async #findOne<T>(
    schema: z.ZodType<T>,
    object: { readonly kind: string; readonly namespace: string; readonly name: string },
    signal: AbortSignal,
  ): Promise<T | null> {
    const path = this.#collection(object.kind, object.namespace);
    const query = { fieldSelector: `metadata.name=${object.name}` };
    for await (const { items } of this.#options.api.listPages(path, { query, limit: 1, signal })) {
      const parsed = schema.safeParse(items[0]);
      return parsed.success ? parsed.data : null;
    }
    return null;
  }

  /** Server-side apply: what we no longer say goes, what others say stays. */
  async #applyStatus(path: string, object: object, signal: AbortSignal): Promise<void> {
    const body = { apiVersion: this.apiVersionOf("Gateway"), ...object };
    const query = { fieldManager: FIELD_MANAGER, force: true };
    await this.#options.api.patch(path, "application/apply-patch+yaml", body, { query, signal });
  }

  #collection(kind: string, namespace: string | null): string {
    const [, version = "v1"] = this.apiVersionOf(kind === "GatewayClass" ? "Gateway" : kind).split(
      "/",
    );
    const resource = kind === "GatewayClass" ? "gatewayclasses" : `${kind.toLowerCase()}s`;
    return collectionPath(GROUP, version, resource, namespace);
  }
}
