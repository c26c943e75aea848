import type { AuditEventDto } from "#protocol/api/audit.ts";
import { ClusterId } from "#protocol/api/ids.ts";
import { isAppError } from "#protocol/errors.ts";
import { onFact } from "#server/relays/relay-facts.ts";
import { SYSTEM_ACTOR } from "#server/services/actor.ts";
import { getAuditEvent } from "#server/services/audit/list-audit.ts";
import { withdrawsCredentials } from "#server/services/audit/withdraws-credentials.ts";
import type { Change } from "#server/services/changes.ts";
import { getCluster } from "#server/services/clusters/get-cluster.ts";
import type { ServiceContext } from "#server/services/service-context.ts";
import { getSettings } from "#server/services/settings/get-settings.ts";
import { findTunnels } from "#server/services/tunnels/find-tunnels.ts";
import { Coalescer } from "./coalesce.ts";
import type { LiveNamespace } from "./live-server.ts";

/** Within a second of the change, and several changes of one operation at once. */
const OBJECT_DELAY_MS = 100;
/** Objects whose figures alone changed: the metrics said it already. */
const FIGURES_DELAY_MS = 1_000;
/** Tunnels that are read together: thousands may change at once, when an address dies that they share. */
const TUNNELS_AT_ONCE = 200;

export interface ObjectsPublisherOptions {
  readonly namespace: LiveNamespace;
  readonly context: ServiceContext;
  readonly onWithdrawal: () => void;
  readonly onError: (error: unknown) => void;
}

/** Sends tunnels, clusters, settings and audit events, whole and as the API shows them, after they changed. */
export class ObjectsPublisher {
  readonly #options: ObjectsPublisherOptions;
  readonly #tunnels: Coalescer<"tunnels">;
  readonly #changedTunnels = new Set<string>();
  readonly #tunnelFigures: Coalescer<string>;
  readonly #clusters: Coalescer<string>;
  readonly #settings: Coalescer<"settings">;
  readonly #stops: readonly (() => void)[];

  constructor(options: ObjectsPublisherOptions) {
    this.#options = options;
    const { onError } = options;
    this.#tunnels = new Coalescer(OBJECT_DELAY_MS, () => this.#sendTunnels(), onError);
    const addTunnel = async (id: string): Promise<void> => this.#addTunnel(id);
    this.#tunnelFigures = new Coalescer(FIGURES_DELAY_MS, addTunnel, onError);
    this.#clusters = new Coalescer(OBJECT_DELAY_MS, (id) => this.#sendCluster(id), onError);
    this.#settings = new Coalescer(OBJECT_DELAY_MS, () => this.#sendSettings(), onError);
    this.#stops = [
      options.context.changes.subscribe((change) => this.#onChange(change)),
      onFact("outcomesChanged", (tunnelIds) => {
        for (const id of tunnelIds) this.#tunnelFigures.add(id);
      }),
      onFact("relayGone", () => this.#settings.add("settings")),
    ];
  }

  close(): void {
    for (const stop of this.#stops) stop();
    for (const part of [this.#tunnelFigures, this.#clusters]) part.close();
    this.#tunnels.close();
    this.#settings.close();
  }

  #onChange(change: Change): void {
    if (change.isRemoved === true) return this.#sendRemoved(change);
    switch (change.kind) {
      case "tunnel":
        this.#addTunnel(change.id);
        if (change.clusterId !== undefined) this.#clusters.add(change.clusterId);
        return;
      case "cluster":
        return this.#clusters.add(change.id);
      case "settings":
      case "relay":
        return this.#settings.add("settings");
      case "audit":
        return void this.#sendAudit(change.id).catch(this.#options.onError);
      case "tokens":
        return;
    }
  }

  #sendRemoved(change: Change): void {
    if (change.kind !== "tunnel" && change.kind !== "cluster") return;
    const { kind, id } = change;
    this.#to("fleet", `${kind}:${id}`, change.clusterId && `cluster:${change.clusterId}`).emit(
      "removed",
      { kind, id },
    );
  }

  #addTunnel(id: string): void {
    this.#changedTunnels.add(id);
    this.#tunnels.add("tunnels");
  }

  async #sendTunnels(): Promise<void> {
    while (this.#changedTunnels.size > 0) {
      const ids = [...this.#changedTunnels].slice(0, TUNNELS_AT_ONCE);
      for (const id of ids) this.#changedTunnels.delete(id);
      for (const tunnel of await findTunnels(this.#options.context, SYSTEM_ACTOR, { ids })) {
        const { id, clusterId } = tunnel;
        this.#to("fleet", `tunnel:${id}`, `cluster:${clusterId}`).emit("tunnel", tunnel);
      }
    }
  }

  async #sendCluster(id: string): Promise<void> {
    const input = { id: ClusterId.parse(id) };
    const cluster = await unlessGone(getCluster(this.#options.context, SYSTEM_ACTOR, input));
    if (cluster !== null) this.#to("fleet", `cluster:${id}`).emit("cluster", cluster);
  }

  async #sendSettings(): Promise<void> {
    const settings = await getSettings(this.#options.context, SYSTEM_ACTOR);
    // Settings concern everybody: force-tunnel of the fleet stands on every page.
    this.#options.namespace.emit("settings", settings);
  }

  async #sendAudit(id: string): Promise<void> {
    const event = await unlessGone(getAuditEvent(this.#options.context, SYSTEM_ACTOR, id));
    if (event === null) return;
    this.#to("fleet", roomOf(event)).emit("audit", event);
    if (withdrawsCredentials(event.action)) this.#options.onWithdrawal();
  }

  /** A socket in several of these rooms is told once. */
  #to(...rooms: readonly (string | undefined)[]) {
    return this.#options.namespace.to(rooms.filter((room): room is string => Boolean(room)));
  }
}

function roomOf({ object }: AuditEventDto): string | undefined {
  const hasRoom = object.kind === "tunnel" || object.kind === "cluster";
  return hasRoom && object.id !== null ? `${object.kind}:${object.id}` : undefined;
}

/** What was removed between the change and now is not sent. */
async function unlessGone<T>(work: Promise<T>): Promise<T | null> {
  try {
    return await work;
  } catch (error) {
    if (isAppError(error) && error.code === "not_found") return null;
    throw error;
  }
}
