import type { Log } from "../../log.ts";
import type {
  ClusterFacts,
  DiscoveryProblem,
  DiscoverySnapshot,
  DiscoverySource,
} from "../discovery.ts";
import { buildSnapshot, type RulesOptions } from "../rules/build-snapshot.ts";
import type { DiscoveryApi } from "./api-client.ts";
import type { KubernetesApiError } from "./api-error.ts";
import { NO_BUNDLE, readBundleFacts, readKubernetesVersion } from "./bundle-facts.ts";
import { ClusterHealth, describeDenied } from "./cluster-health.ts";
import { collectObjects } from "./collect-objects.ts";
import { Debouncer } from "./debouncer.ts";
import {
  describeGatewayApi,
  isInstalled,
  NOT_INSTALLED,
  pickVersion,
  type BundleFacts,
} from "./gateway-api-status.ts";
import { KindMirror } from "./kind-mirror.ts";
import type { ReflectorTimes } from "./reflector.ts";
import { ServedVersions } from "./served-versions.ts";
import { GATEWAY_GROUP, WATCHED_KINDS } from "./watched-kinds.ts";

export interface KubernetesTimes extends ReflectorTimes {
  /** Between two looks at which versions are served. */
  readonly versionsMs: number;
  /** Before a look that confirms the one before. */
  readonly confirmMs: number;
  /** Between two looks at the versions of Kubernetes and of the Gateway API's release. */
  readonly factsMs: number;
  /** From the first change to the snapshot that shows it. */
  readonly settleMs: number;
}

export interface KubernetesSourceOptions {
  readonly api: DiscoveryApi;
  readonly namespaces: readonly string[] | null;
  readonly rules: Omit<RulesOptions, "isLenient" | "namespaceLabels" | "ownGatewayClasses">;
  readonly times: KubernetesTimes;
  readonly random: () => number;
  readonly log: Log;
  /** An object was added, modified or deleted, as a watch told. */
  readonly onEvent: (kind: string, event: string) => void;
}

const STAYS = "What was seen last stays in force.";

/**
 * Discovery from the API server of a cluster.
 *
 * Fails safe: nothing is shown before every kind has been listed, and what was seen stays while the API server is
 * away, so that no tunnel ends because a list failed. Only a Gateway API that is really absent counts as empty.
 */
export class KubernetesSource implements DiscoverySource {
  readonly kind = "kubernetes";
  readonly #options: KubernetesSourceOptions;
  readonly #mirrors: readonly KindMirror[];
  readonly #versions: ServedVersions;
  readonly #health = new ClusterHealth();
  readonly #debouncer: Debouncer;
  readonly #stop = new AbortController();
  /** Null until they were asked for once. */
  #facts: { readonly kubernetesVersion: string | null; readonly bundle: BundleFacts } | null = null;
  #onSnapshot: (snapshot: DiscoverySnapshot) => void = () => undefined;
  #shown: DiscoverySnapshot | null = null;
  #brokenBy = "";
  #onWaiting: (problems: readonly DiscoveryProblem[]) => void = () => undefined;
  #onFirst: (() => void) | null = null;
  #shownTable = "";
  #versionsError: KubernetesApiError | null = null;
  #factsTimer: NodeJS.Timeout | undefined;
  #readingFacts: Promise<void> | null = null;

  constructor(options: KubernetesSourceOptions) {
    this.#options = options;
    const { api, namespaces, times, random } = options;
    this.#debouncer = new Debouncer(times.settleMs, () => this.#publishSafely());
    this.#mirrors = WATCHED_KINDS.map(
      (kind) =>
        new KindMirror({
          api,
          kind,
          namespaces,
          times,
          random,
          onEvent: options.onEvent,
          onChange: () => this.#debouncer.mark(),
          onPhase: () => this.#onPhase(),
        }),
    );
    this.#versions = new ServedVersions({
      api,
      intervalMs: times.versionsMs,
      confirmMs: times.confirmMs,
      onLook: (error) => this.#onLook(error),
    });
  }

  async start(
    onSnapshot: (snapshot: DiscoverySnapshot) => void,
    onWaiting: (problems: readonly DiscoveryProblem[]) => void,
  ): Promise<void> {
    this.#onSnapshot = onSnapshot;
    this.#onWaiting = onWaiting;
    const first = new Promise<void>((resolve) => {
      this.#onFirst = resolve;
    });
    this.#readFacts();
    for (const mirror of this.#mirrors) {
      if (mirror.kind.group !== GATEWAY_GROUP) mirror.use("v1");
    }
    this.#versions.lookNow();
    await first;
  }

  async close(): Promise<void> {
    this.#stop.abort();
    clearTimeout(this.#factsTimer);
    this.#debouncer.close();
    await Promise.all([
      this.#versions.close(),
      ...this.#mirrors.map((mirror) => mirror.close()),
      this.#readingFacts,
    ]);
    this.#onFirst?.();
  }

  #onLook(error: KubernetesApiError | null): void {
    this.#versionsError = error;
    const { table } = this.#versions;
    const text = JSON.stringify([...(table ?? [])]);
    // Another set of CRDs is another release.
    if (this.#shownTable !== "" && text !== this.#shownTable) this.#readFacts();
    this.#shownTable = text;
    for (const mirror of this.#mirrors) {
      if (table === null || mirror.kind.group !== GATEWAY_GROUP) continue;
      mirror.use(pickVersion(table.get(mirror.kind.kind) ?? []));
    }
    this.#debouncer.mark();
    this.#updateHealth();
  }

  #onPhase(): void {
    if (this.#mirrors.some((mirror) => mirror.error?.status === 404)) this.#versions.lookNow();
    // A denied kind may be the last one that everybody waits for.
    this.#debouncer.mark();
    this.#updateHealth();
  }

  #updateHealth(): void {
    const sources = this.#mirrors.map(({ kind, error }) => ({ resource: kind.resource, error }));
    const hasChanged = this.#health.update([
      ...sources,
      { resource: "api groups", error: this.#versionsError },
    ]);
    if (!hasChanged) return;
    this.#debouncer.mark();
    if (this.#onFirst === null) return;
    this.#onWaiting(this.#health.problems);
    // Nobody else speaks before the first snapshot.
    for (const { where, reason } of this.#health.problems) {
      this.#options.log.warn("Discovery waits for the API server", { where, reason });
    }
  }

  #readFacts(): void {
    const { api, times } = this.#options;
    const { signal } = this.#stop;
    if (this.#readingFacts !== null) return;
    clearTimeout(this.#factsTimer);
    this.#readingFacts = Promise.all([
      readKubernetesVersion(api, signal),
      readBundleFacts(api, signal),
    ]).then(([version, bundle]) => {
      if (signal.aborted) return;
      this.#readingFacts = null;
      const { kubernetesVersion = null, bundle: before = NO_BUNDLE } = this.#facts ?? {};
      this.#facts = { kubernetesVersion: version ?? kubernetesVersion, bundle: bundle ?? before };
      this.#debouncer.mark();
      const isKnown = version !== null && bundle !== null;
      const delayMs = isKnown ? times.factsMs : times.versionsMs;
      this.#factsTimer = setTimeout(() => this.#readFacts(), delayMs);
    });
  }

  /** An object that our rules cannot take must not end the agent, and every connection with it. */
  #publishSafely(): void {
    try {
      this.#publish();
      this.#brokenBy = "";
    } catch (error) {
      if (this.#brokenBy === String(error)) return;
      this.#brokenBy = String(error);
      const stack = error instanceof Error ? error.stack : undefined;
      this.#options.log.error("Discovery failed", { error: stack ?? this.#brokenBy });
      const problem = {
        where: "discovery",
        reason: `Discovery failed: ${String(error)}. ${STAYS}`,
      };
      const shown = this.#shown;
      if (shown === null) this.#onWaiting([problem]);
      else this.#onSnapshot({ ...shown, problems: [problem, ...shown.problems] });
    }
  }

  #publish(): void {
    const { table } = this.#versions;
    if (table === null || this.#facts === null) return;
    // Once something is shown, a kind that is new fills in when it has been listed.
    if (this.#onFirst !== null && !this.#mirrors.every((mirror) => isSettled(mirror))) return;
    const { objects, namespaceLabels, ownGatewayClasses, loadBalancers } = collectObjects(
      this.#mirrors,
    );
    const snapshot = buildSnapshot(objects, {
      ...this.#options.rules,
      isLenient: false,
      namespaceLabels,
      ownGatewayClasses,
    });
    const denied = this.#mirrors.filter(({ error }) => error?.status === 403);
    const cluster: ClusterFacts = {
      kubernetesVersion: this.#facts.kubernetesVersion,
      gatewayApi: describeGatewayApi(
        table,
        this.#facts.bundle,
        new Map(denied.map(({ kind }) => [kind.kind, describeDenied(kind.resource)])),
      ),
      loadBalancers,
    };
    const problems = [
      ...this.#health.problems.map(({ where, reason }) => ({
        where,
        reason: `${reason} ${STAYS}`,
      })),
      ...this.#mirrors.flatMap((mirror) =>
        mirror
          .problems()
          .map(({ key, reason }) => ({ where: `${mirror.kind.kind} ${key}`, reason })),
      ),
      ...snapshot.problems,
      ...(isInstalled(table) ? [] : [{ where: "Gateway API", reason: NOT_INSTALLED }]),
    ];
    this.#shown = { ...snapshot, problems, cluster };
    this.#onSnapshot(this.#shown);
    this.#onFirst?.();
    this.#onFirst = null;
  }
}

/**
 * Whether a kind need not be waited for any longer. One that may not be read is shown as empty, with a problem; but
 * without Gateways nothing may be said at all, for it would say that every tunnel is gone.
 */
function isSettled(mirror: KindMirror): boolean {
  return mirror.isKnown || (mirror.error?.status === 403 && mirror.kind.kind !== "Gateway");
}
