import type { ClusterObjects } from "./cluster-objects.ts";
import { hasConditions, toConditions, type WantedCondition } from "./conditions.ts";
import {
  describeEndpoints,
  ENDPOINT_ANNOTATION,
  type GatewayFeedback,
} from "./gateway-feedback.ts";
import { buildGatewayStatus, hasStatus } from "./gateway-status.ts";
import type { LiveGateway, LiveGatewayClass } from "./live-objects.ts";
import type { WriteGate } from "./write-gate.ts";

export interface GatewayWriterOptions {
  readonly objects: ClusterObjects;
  /** Null where it is not wanted. */
  readonly annotations: WriteGate | null;
  readonly status: WriteGate | null;
  readonly wallClock: () => Date;
}

const CLASS_ACCEPTED: WantedCondition = {
  type: "Accepted",
  isTrue: true,
  reason: "Accepted",
  message: "Culvert looks after Gateways of this class.",
};

/**
 * Writes what is published into Gateways: only what differs, so that several agents write the same once and nobody wakes
 * anybody up.
 */
export class GatewayWriter {
  readonly #options: GatewayWriterOptions;
  #ownClasses: ReadonlySet<string> = new Set();
  /** Gateways that bear an annotation of ours: it is taken away also when they are no longer ours to publish. */
  readonly #annotated = new Set<string>();

  constructor(options: GatewayWriterOptions) {
    this.#options = options;
  }

  /** Looks which classes are Culvert's own, and accepts them. @returns true when they are others than before. */
  async lookAtClasses(signal: AbortSignal): Promise<boolean> {
    const { objects, status: gate } = this.#options;
    if (gate === null) return false;
    const before = this.#ownClasses;
    for (const own of await this.#listOwnClasses(gate, signal)) {
      const { generation } = own.metadata;
      const context = { generation, now: this.#options.wallClock() };
      const wanted = toConditions([CLASS_ACCEPTED], own.status.conditions, context);
      if (hasConditions(own.status.conditions, wanted)) continue;
      await gate.run("class", async () => {
        await objects.acceptClass(own, wanted, signal);
        return true;
      });
    }
    return [...before].join() !== [...this.#ownClasses].join();
  }

  /** False when no Gateway need be read: none is ours to annotate or to speak for. */
  get hasWork(): boolean {
    return this.#options.annotations !== null || this.#ownClasses.size > 0;
  }

  async write(
    live: LiveGateway,
    feedback: GatewayFeedback | null,
    signal: AbortSignal,
  ): Promise<void> {
    await this.#writeAnnotation(live, feedback, signal);
    await this.#writeStatus(live, feedback, signal);
  }

  async #listOwnClasses(
    gate: WriteGate,
    signal: AbortSignal,
  ): Promise<readonly LiveGatewayClass[]> {
    let classes: readonly LiveGatewayClass[] | null = null;
    await gate.run("class", async () => {
      classes = await this.#options.objects.listOwnClasses(signal);
      return false;
    });
    if (classes === null) return [];
    const listed: readonly LiveGatewayClass[] = classes;
    this.#ownClasses = new Set(listed.map(({ metadata }) => metadata.name));
    return listed;
  }

  async #writeAnnotation(
    live: LiveGateway,
    feedback: GatewayFeedback | null,
    signal: AbortSignal,
  ): Promise<void> {
    const { annotations: gate, objects } = this.#options;
    if (gate === null) return;
    const { namespace, name, annotations } = live.metadata;
    const key = `${namespace}/${name}`;
    // What is not ours may be another installation's.
    if (feedback === null && !this.#annotated.has(key)) return;
    const wanted = feedback === null ? null : describeEndpoints(feedback);
    const isThere = (annotations[ENDPOINT_ANNOTATION] ?? null) === wanted;
    const isDone =
      isThere ||
      (await gate.run("annotation", async () => {
        await objects.annotate(live, wanted, signal);
        return true;
      }));
    if (isDone && wanted === null) this.#annotated.delete(key);
    else if (isDone) this.#annotated.add(key);
  }

  async #writeStatus(
    live: LiveGateway,
    feedback: GatewayFeedback | null,
    signal: AbortSignal,
  ): Promise<void> {
    const { status: gate, objects, wallClock } = this.#options;
    if (gate === null || feedback === null) return;
    if (!this.#ownClasses.has(live.spec.gatewayClassName)) return;
    const wanted = buildGatewayStatus(live, feedback, wallClock());
    if (hasStatus(live, wanted)) return;
    await gate.run("status", async () => {
      await objects.writeStatus(live, wanted, signal);
      return true;
    });
  }
}
