import type { TunnelId } from "#protocol/api/ids.ts";
import type { DesiredTunnel, DirectTarget } from "#protocol/relay/desired-state.ts";
import type { DirectState } from "#protocol/relay/events.ts";
import { toEndpoint } from "#server/lib/ip-address.ts";
import { publishFact } from "#server/lib/relay-facts.ts";
import type { DirectAnswer, DirectDial, DirectWay } from "../connections/connection-ports.ts";
import { dialDirect } from "./dial-direct.ts";
import { TargetWatch, type TargetWatchDeps } from "./target-watch.ts";

const NOT_TRIED = "It was not tried yet.";

export interface DirectProberOptions extends TargetWatchDeps {
  /** `isSteady` of a tunnel changed. */
  readonly onTurn: (tunnelId: string) => void;
}

interface WatchedTunnel {
  readonly id: TunnelId;
  /** Key of the targets; the tunnel is watched anew when it changes. */
  readonly key: string;
  readonly watches: readonly TargetWatch[];
  /** Why there is nothing to watch, although there are targets. */
  readonly problem: string | null;
  /** What is tried first, `host:port`. */
  readonly first: string | null;
  said: DirectState;
  wasSteady: boolean;
}

interface SharedWatch {
  readonly watch: TargetWatch;
  readonly tunnels: Set<string>;
}

/**
 * Knows for every tunnel whether its Gateway's own address answers, by dialling it. Tunnels that name the same address
 * share its probes.
 */
export class DirectProber implements DirectWay {
  readonly #options: DirectProberOptions;
  readonly #tunnels = new Map<string, WatchedTunnel>();
  readonly #watches = new Map<string, SharedWatch>();

  constructor(options: DirectProberOptions) {
    this.#options = options;
  }

  /** Watches exactly what these tunnels name. Idempotent: what did not change keeps what was learned. */
  reconcile(tunnels: ReadonlyMap<string, DesiredTunnel>): void {
    const wanted = [...tunnels.values()].filter(isWatched);
    const wantedIds = new Set<string>(wanted.map(({ id }) => id));
    for (const id of [...this.#tunnels.keys()]) if (!wantedIds.has(id)) this.#drop(id);
    for (const tunnel of wanted) {
      const key = keyOf(tunnel);
      if (this.#tunnels.get(tunnel.id)?.key === key) continue;
      this.#watch(tunnel, key);
    }
    this.#prune();
  }

  isVerified(tunnelId: string): boolean {
    return this.#tunnels.get(tunnelId)?.said.state === "verified";
  }

  /**
   * True while an address of the tunnel is verified and answered the last probe. One that missed a probe is still called
   * verified for a while, but the relay stands by.
   */
  isSteady(tunnelId: string): boolean {
    return this.#tunnels.get(tunnelId)?.watches.some(({ isSteady }) => isSteady) ?? false;
  }

  async dial(tunnelId: string, dial: DirectDial): Promise<DirectAnswer> {
    const watches = this.#tunnels.get(tunnelId)?.watches ?? [];
    // One that missed its last probe only where no other is left.
    const watch =
      watches.find(({ isSteady }) => isSteady) ?? watches.find(({ dialable }) => dialable !== null);
    return await dialDirect(watch?.dialable ?? null, this.#options.rules, dial);
  }

  states(): DirectState[] {
    return [...this.#tunnels.values()].map(({ said, watches }) => {
      const rttMs = watches.find(({ where }) => where === said.address)?.rttMs ?? said.rttMs;
      return { ...said, rttMs };
    });
  }

  close(): void {
    for (const { watch } of this.#watches.values()) watch.close();
    this.#watches.clear();
    this.#tunnels.clear();
  }

  #watch(tunnel: DesiredTunnel, key: string): void {
    const before = this.#tunnels.get(tunnel.id);
    const isTcp = tunnel.target.protocol === "tcp";
    const watches = isTcp ? tunnel.direct.map((target) => this.#share(tunnel.id, target)) : [];
    const watched = {
      id: tunnel.id,
      key,
      watches,
      problem: isTcp ? null : "Only TCP addresses can be verified yet.",
      first: tunnel.direct.map(whereOf)[0] ?? null,
    };
    const said = this.#summarise(watched, before?.said ?? null);
    const now = { ...watched, said, wasSteady: before?.wasSteady ?? false };
    this.#tunnels.set(tunnel.id, now);
    this.#say(before?.said ?? null, said);
    this.#turn(now);
  }

  /** The tunnel's own part of a shared watch. */
  #share(tunnelId: string, target: DirectTarget): TargetWatch {
    const key = whereOf(target);
    let shared = this.#watches.get(key);
    if (shared === undefined) {
      const tunnels = new Set<string>();
      const watch = new TargetWatch(target, this.#options, () => this.#onChange(tunnels));
      shared = { watch, tunnels };
      this.#watches.set(key, shared);
      watch.start();
    }
    shared.tunnels.add(tunnelId);
    return shared.watch;
  }

  #onChange(tunnels: ReadonlySet<string>): void {
    for (const id of tunnels) {
      const tunnel = this.#tunnels.get(id);
      if (tunnel === undefined) continue;
      const before = tunnel.said;
      tunnel.said = this.#summarise(tunnel, before);
      this.#say(before, tunnel.said);
      this.#turn(tunnel);
    }
  }

  #turn(tunnel: WatchedTunnel): void {
    const isSteady = this.isSteady(tunnel.id);
    if (isSteady === tunnel.wasSteady) return;
    tunnel.wasSteady = isSteady;
    this.#options.onTurn(tunnel.id);
  }

  #summarise(
    tunnel: Omit<WatchedTunnel, "said" | "wasSteady">,
    before: DirectState | null,
  ): DirectState {
    const found = judge(tunnel);
    const since = before?.state === found.state ? before.since : this.#options.clock.now();
    return { tunnelId: tunnel.id, ...found, since };
  }

  #say(before: DirectState | null, now: DirectState): void {
    const isSame =
      before !== null &&
      before.state === now.state &&
      before.address === now.address &&
      before.reason === now.reason;
    if (isSame) return;
    publishFact({ kind: "direct", direct: now });
  }

  #drop(tunnelId: string): void {
    const tunnel = this.#tunnels.get(tunnelId);
    if (tunnel === undefined) return;
    this.#tunnels.delete(tunnelId);
    const since = this.#options.clock.now();
    publishFact({
      kind: "direct",
      direct: {
        ...tunnel.said,
        state: "unverified",
        address: null,
        rttMs: null,
        reason: null,
        since,
      },
    });
  }

  /** Ends watches that no tunnel names any more. */
  #prune(): void {
    const hosts = new Set<string>();
    for (const [key, { watch, tunnels }] of [...this.#watches]) {
      for (const id of tunnels) {
        if (this.#tunnels.get(id)?.watches.includes(watch) !== true) tunnels.delete(id);
      }
      if (tunnels.size > 0) hosts.add(watch.host);
      else {
        watch.close();
        this.#watches.delete(key);
      }
    }
    this.#options.names.retain(hosts);
  }
}

/** Only while clients may be sent there, or the relay may. */
function isWatched({ state, mode, direct }: DesiredTunnel): boolean {
  return state === "open" && mode !== "tunnel" && direct.length > 0;
}

function keyOf({ target, direct }: DesiredTunnel): string {
  return [target.protocol, ...direct.map(whereOf)].join(" ");
}

function whereOf({ host, port }: DirectTarget): string {
  return toEndpoint(host, port);
}

/** The first address that is verified, else why the one that was lost, or the first, is not. */
function judge({ watches, problem, first }: Omit<WatchedTunnel, "said" | "wasSteady">) {
  const shown =
    watches.find(({ state }) => state === "verified") ??
    watches.find(({ state }) => state === "not_answering") ??
    watches[0];
  if (shown === undefined) {
    return { state: "unverified", address: first, rttMs: null, reason: problem } as const;
  }
  const { state, where, rttMs } = shown;
  const reason = state === "verified" ? null : (shown.reason ?? NOT_TRIED);
  return { state, address: where, rttMs, reason };
}
