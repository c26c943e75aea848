import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { ClusterId } from "#protocol/api/ids.ts";
import { CLOSE_CODES, type CloseCodeName } from "#protocol/control/close-codes.ts";
import { CONTROL_LIMITS } from "#protocol/control/limits.ts";
import type { InventoryChange } from "#protocol/control/inventory-change.ts";
import type { Inventory } from "#protocol/control/inventory.ts";
import type { ControlPayload } from "#protocol/control/messages.ts";
import type { DesiredCluster, DesiredToken, DesiredTunnel } from "#protocol/relay/desired-state.ts";
import type { LinkState } from "#protocol/relay/events.ts";
import { refuseUpgrade } from "#mux/transport/websocket/accept.ts";
import type { Clock } from "#server/lib/clock.ts";
import { newId } from "#server/lib/ids.ts";
import { publishFact } from "#server/lib/relay-facts.ts";
import type { Logger } from "#server/observability/logger.ts";
import { decideAdmission } from "./admission.ts";
import { AgentLink, type AgentLinkOwner, type LinkEnd } from "./agent-link.ts";
import { AgentTokens } from "./agent-tokens.ts";
import type { HubSettings } from "./hub-settings.ts";
import { LinkRegistry } from "./link-registry.ts";
import { PublishedListeners } from "./published-listeners.ts";
import { acceptAgentSocket, startServerSession } from "./open-socket.ts";

export interface AgentHubOptions {
  readonly settings: HubSettings;
  readonly clock: Clock;
  readonly log: Logger;
  /** False while the web process was never reached or is away. */
  readonly isWebReachable: () => boolean;
}

/** An upgrade request with what the front door learned about it. */
export interface AgentUpgrade {
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Buffer;
  /** Of the agent, as far as trusted proxies tell. */
  readonly address: string;
}

/** The place where this relay process holds its agent links. */
export class AgentHub {
  readonly registry = new LinkRegistry();
  readonly #options: AgentHubOptions;
  readonly #tokens = new AgentTokens();
  readonly #published: PublishedListeners;
  readonly #unregistered = new Set<AgentLink>();
  readonly #reported = new Map<string, string>();
  /** Links whose socket is not closed yet, also those that are over. */
  readonly #sockets = new Set<AgentLink>();
  #onSocketsGone: (() => void)[] = [];
  #clusters: ReadonlyMap<string, DesiredCluster> = new Map();
  #isDraining = false;

  constructor(options: AgentHubOptions) {
    this.#options = options;
    this.#published = new PublishedListeners(options.log);
  }

  /** Admits an agent's socket or refuses it. Every refusal is one log line and one fact. */
  accept(upgrade: AgentUpgrade): void {
    const { settings, clock, isWebReachable } = this.#options;
    const { request, socket, head, address } = upgrade;
    const admission = decideAdmission(request, {
      tokens: this.#tokens,
      publicOrigin: settings.publicOrigin,
      isWebReachable: isWebReachable(),
      isDraining: this.#isDraining,
      isFull: this.#unregistered.size >= settings.unregisteredSocketsMax,
      now: clock.now(),
    });
    if ("refusal" in admission) {
      const { refusal, clusterId } = admission;
      const contentType = "text/plain; charset=utf-8";
      const { status, headers } = refusal;
      refuseUpgrade(socket, { status, headers, contentType, body: `${refusal.message}\n` });
      this.#reportRefusal({ clusterId, code: refusal.status, reason: refusal.message, address });
      return;
    }
    const link = new AgentLink({
      linkId: newId("ln"),
      address,
      token: admission.token,
      settings,
      clock,
      owner: this.#owner,
      startSession: (opened, onFailure) => startServerSession(opened, settings, onFailure),
    });
    const accepted = acceptAgentSocket({
      request,
      socket,
      head,
      maxTextBytes: CONTROL_LIMITS.unregisteredMessageBytes,
      onText: (text) => link.receiveText(text),
      onClose: (end) => {
        link.receiveClose(end);
        this.#onSocketGone(link);
      },
    });
    this.#sockets.add(link);
    this.#unregistered.add(link);
    link.attach(accepted);
  }

  /** Takes over who may be here, links of anybody else are closed; and what agents are told of being published. */
  applyDesired(state: {
    readonly clusters: ReadonlyMap<string, DesiredCluster>;
    readonly tokens: Iterable<DesiredToken>;
    readonly tunnels: ReadonlyMap<string, DesiredTunnel>;
  }): void {
    this.#clusters = state.clusters;
    this.#tokens.replace(state.tokens);
    this.#published.replace(state.tunnels);
    this.#enforceTokens();
  }

  /** Looks at the clock: silence, slow handshakes, expired tokens, changed figures and endpoints. Called about once a second. */
  sweep(): void {
    const nowMs = this.#options.clock.monotonicMs();
    for (const link of [...this.#unregistered, ...this.registry.all()]) link.checkTime(nowMs);
    this.#enforceTokens();
    for (const link of this.registry.all()) this.#reportChange(link);
    this.#published.flush(this.registry.all());
  }

  /** Opens nothing new: refuses agents and tells those that are here. */
  drain(reason: string): void {
    this.#isDraining = true;
    for (const link of [...this.registry.all()]) link.drain(reason);
  }

  /**
   * Closes every link. Idempotent.
   *
   * @returns once every agent has let go of its socket, or has been dropped for taking too long.
   */
  async close(): Promise<void> {
    this.#isDraining = true;
    for (const link of [...this.#unregistered, ...this.registry.all()]) link.close("going_away");
    if (this.#sockets.size === 0) return;
    await new Promise<void>((resolve) => this.#onSocketsGone.push(resolve));
  }

  links(): LinkState[] {
    return [...this.registry.all()].map((link) => link.toState());
  }

  inventories(): { linkId: string; inventory: Inventory }[] {
    return [...this.registry.all()].flatMap(({ linkId, inventory }) =>
      inventory === null ? [] : [{ linkId, inventory }],
    );
  }

  get #owner(): AgentLinkOwner {
    return {
      clusterName: (clusterId) => this.#clusters.get(clusterId)?.name ?? "",
      onRegister: (link) => this.#admitLink(link),
      onReady: (link) => this.#onReady(link),
      onInventory: (link, inventory) => this.#onInventory(link, inventory),
      onInventoryChange: (link, change) => this.#onInventoryChange(link, change),
      onClusterResources: ({ agentId, clusterId }, resources) =>
        publishFact({ kind: "cluster_resources", agentId, clusterId, resources }),
      onChanged: (link) => this.#onDraining(link),
      onAgentLog: (link, line) => this.#onAgentLog(link, line),
      onClosed: (link, end) => this.#onClosed(link, end),
    };
  }

  #admitLink(link: AgentLink): CloseCodeName | null {
    if (!this.#clusters.has(link.clusterId)) return "cluster_deleted";
    if (!this.#tokens.isValid(link.tokenId, this.#options.clock.now())) return "token_revoked";
    const siblings = [...this.registry.ofCluster(link.clusterId)];
    const older = siblings.find((other) => isSameInstance(other, link));
    if (older !== undefined) {
      older.close("duplicate_link");
      return null;
    }
    return siblings.length >= this.#options.settings.linksPerClusterMax ? "too_many_links" : null;
  }

  #onReady(link: AgentLink): void {
    this.#unregistered.delete(link);
    this.registry.add(link);
    const state = link.toState();
    this.#log(link).info({ version: state.version, address: link.address }, "agent link ready");
    publishFact({ kind: "link_opened", link: state });
    this.#published.tell(link);
    if (this.#isDraining) link.drain("The relay is shutting down.");
  }

  #onInventory(link: AgentLink, inventory: Inventory): void {
    const { generation, gateways, problems } = inventory;
    this.#log(link).debug(
      { generation, gateways: gateways.length, problems: problems.length },
      "inventory received",
    );
    const { linkId, agentId, clusterId, instanceId } = link;
    publishFact({ kind: "inventory", linkId, agentId, clusterId, instanceId, inventory });
    this.registry.wake(clusterId);
  }

  #onInventoryChange(link: AgentLink, change: InventoryChange): void {
    const { generation, upsert, remove } = change;
    this.#log(link).debug(
      { generation, upsert: upsert.length, remove: remove.length },
      "inventory change received",
    );
    const { linkId, agentId, clusterId } = link;
    publishFact({ kind: "inventory_change", linkId, agentId, clusterId, change });
    this.registry.wake(clusterId);
  }

  #onDraining(link: AgentLink): void {
    this.#log(link).info("agent link draining");
    this.#reportChange(link);
  }

  #onAgentLog(link: AgentLink, { level, message }: ControlPayload<"log">): void {
    this.#log(link)[level]({ message }, "agent says");
    const { agentId, clusterId } = link;
    publishFact({ kind: "agent_log", agentId, clusterId, level, message });
  }

  #onClosed(link: AgentLink, end: LinkEnd): void {
    const { clusterId, address } = link;
    if (this.#unregistered.delete(link)) {
      // It found out from our hello that it has a link to this relay already, and left: nobody refused anybody.
      if (end.code === CLOSE_CODES.duplicate_link.code) return;
      this.#reportRefusal({ clusterId, code: end.code, reason: end.reason, address });
      return;
    }
    this.registry.remove(link);
    this.#reported.delete(link.linkId);
    this.#log(link).info({ code: end.code, reason: end.reason }, "agent link closed");
    publishFact({
      kind: "link_closed",
      linkId: link.linkId,
      agentId: link.agentId,
      clusterId,
      at: this.#options.clock.now(),
      code: end.code,
      reason: end.reason,
    });
  }

  #onSocketGone(link: AgentLink): void {
    this.#sockets.delete(link);
    if (this.#sockets.size > 0) return;
    const waiting = this.#onSocketsGone;
    this.#onSocketsGone = [];
    for (const tell of waiting) tell();
  }

  #enforceTokens(): void {
    const now = this.#options.clock.now();
    for (const link of [...this.#unregistered, ...this.registry.all()]) {
      if (!this.#clusters.has(link.clusterId)) link.close("cluster_deleted");
      else if (!this.#tokens.isValid(link.tokenId, now)) link.close("token_revoked");
    }
  }

  #reportRefusal(refusal: {
    readonly clusterId: ClusterId | null;
    readonly code: number;
    readonly reason: string;
    readonly address: string;
  }): void {
    this.#options.log.info(refusal, "agent refused");
    publishFact({ kind: "refusal", refusal: { at: this.#options.clock.now(), ...refusal } });
  }

  /** Publishes a link's figures if an operator would see a difference. */
  #reportChange(link: AgentLink): void {
    const state = link.toState();
    const { draining, streams, rttMs, pending } = state;
    const figures = `${draining} ${streams} ${rttMs?.toFixed(1) ?? "-"} ${JSON.stringify(pending)}`;
    if (this.#reported.get(link.linkId) === figures) return;
    this.#reported.set(link.linkId, figures);
    publishFact({ kind: "link_changed", link: state });
  }

  #log(link: AgentLink): Logger {
    const { linkId, clusterId, agentId, agentName } = link;
    return this.#options.log.child({ linkId, clusterId, agentId, agentName });
  }
}

function isSameInstance(a: AgentLink, b: AgentLink): boolean {
  return a.agentId === b.agentId && a.instanceId === b.instanceId;
}
