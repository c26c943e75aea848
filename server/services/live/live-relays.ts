import type { Inventory } from "#protocol/control/inventory.ts";
import type { DirectState, LinkState, ListenerState } from "#protocol/relay/events.ts";

/** A relay process introduces itself. */
export interface RelayHello {
  readonly relayId: string;
  readonly instanceId: string;
  readonly pid: number;
  readonly version: string;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
}

export interface LiveLink extends LinkState {
  readonly relayId: string;
}

/** What an agent last reported over one of its links, kept whole by every change. */
export interface LiveInventory {
  readonly inventory: Inventory;
  readonly receivedAt: Date;
}

export interface LiveRelay {
  readonly hello: RelayHello;
  /** `lost`: its channel is down; it may well go on serving. */
  status: "connected" | "lost";
  /** True once it said what it knows. */
  isInformed: boolean;
  restarts: number;
  memoryBytes: number;
  readonly links: Map<string, LiveLink>;
  /** By link. */
  readonly inventories: Map<string, LiveInventory>;
  readonly listeners: Map<string, ListenerState>;
  /** By tunnel; only of those whose direct address it watches. */
  readonly direct: Map<string, DirectState>;
}

export interface EdgeState {
  readonly state: "listening" | "failed" | "closed";
  /** Of `failed`, in plain words. */
  readonly reason: string | null;
}

/** What every relay process last told about itself, its links and its listeners. */
export class LiveRelays {
  readonly #relays = new Map<string, LiveRelay>();

  find(relayId: string): LiveRelay | null {
    return this.#relays.get(relayId) ?? null;
  }

  list(): readonly LiveRelay[] {
    return [...this.#relays.values()];
  }

  /** @returns the process that had this id before, when it was another start of it. */
  connect(hello: RelayHello): LiveRelay | null {
    const before = this.#relays.get(hello.relayId) ?? null;
    if (before?.hello.instanceId === hello.instanceId) {
      before.status = "connected";
      return null;
    }
    this.#relays.set(hello.relayId, {
      hello,
      status: "connected",
      isInformed: false,
      restarts: before === null ? 0 : before.restarts + 1,
      memoryBytes: 0,
      links: new Map(),
      inventories: new Map(),
      listeners: new Map(),
      direct: new Map(),
    });
    return before;
  }

  forget(relayId: string): LiveRelay | null {
    const before = this.#relays.get(relayId) ?? null;
    this.#relays.delete(relayId);
    return before;
  }

  /** True while at least one relay is connected and has said what it knows: only then absence means anything. */
  get isInformed(): boolean {
    return this.list().some((relay) => relay.status === "connected" && relay.isInformed);
  }

  /** When the youngest relay that is connected was started, milliseconds since the epoch; 0 while none is. */
  get newestStartAt(): number {
    const connected = this.list().filter((relay) => relay.status === "connected");
    return Math.max(0, ...connected.map((relay) => relay.hello.startedAt));
  }

  /** Every link over all relays. */
  links(): readonly LiveLink[] {
    return this.list().flatMap((relay) => [...relay.links.values()]);
  }

  linksOfCluster(clusterId: string): readonly LiveLink[] {
    return this.links().filter((link) => link.clusterId === clusterId);
  }

  /** The newest inventory of an agent over all its links; null while it has none. */
  inventoryOf(agentId: string): (LiveInventory & { readonly instanceId: string }) | null {
    const reports = this.list().flatMap(({ links, inventories }) =>
      [...links.values()].flatMap((link) => {
        const report = inventories.get(link.linkId);
        return link.agentId === agentId && report !== undefined ? [{ link, ...report }] : [];
      }),
    );
    if (reports.length === 0) return null;
    const { link, inventory, receivedAt } = reports.reduce((a, b) => (isNewer(b, a) ? b : a));
    return { instanceId: link.instanceId, inventory, receivedAt };
  }

  /** What each relay that is connected saw of a tunnel's direct address; null of one that does not watch it (yet). */
  directOf(tunnelId: string): readonly (DirectState | null)[] {
    return this.list()
      .filter((relay) => relay.status === "connected" && relay.isInformed)
      .map((relay) => relay.direct.get(tunnelId) ?? null);
  }

  /** What connected relays say of a port that many tunnels share; one that could not open it is told of first. */
  edgeState(port: number): EdgeState {
    const listeners = this.list()
      .filter(({ status }) => status === "connected")
      .flatMap((relay) => [...relay.listeners.values()])
      .filter((listener) => listener.port === port && listener.state !== "stopped");
    const failed = listeners.find(({ state }) => state === "failed");
    if (failed !== undefined) return { state: "failed", reason: failed.reason };
    return { state: listeners.length === 0 ? "closed" : "listening", reason: null };
  }

  /** Why nothing listens for a tunnel: what one relay says of it, when every relay that serves it says so; else null. */
  listenFailureOf(tunnelId: string): ListenerState | null {
    const listeners = this.listenersOf(tunnelId);
    return listeners.every(({ state }) => state === "failed") ? (listeners[0] ?? null) : null;
  }

  /** What connected relays say about a tunnel's listener. */
  listenersOf(tunnelId: string): readonly ListenerState[] {
    return this.list().flatMap((relay) => {
      const listener = relay.listeners.get(tunnelId);
      return listener === undefined || relay.status !== "connected" ? [] : [listener];
    });
  }
}

interface LinkReport extends LiveInventory {
  readonly link: LiveLink;
}

/** Of the agent's later start; within one start the generation tells. */
function isNewer(a: LinkReport, b: LinkReport): boolean {
  if (a.link.instanceId !== b.link.instanceId) return a.link.startedAt > b.link.startedAt;
  return a.inventory.generation > b.inventory.generation;
}
