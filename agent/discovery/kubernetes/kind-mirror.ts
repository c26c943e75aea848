import { collectionPath } from "./api-path.ts";
import type { KubernetesApi } from "./api-client.ts";
import type { KubernetesApiError } from "./api-error.ts";
import { parseObject, type ClusterObject } from "./parse-object.ts";
import { Reflector, type ReflectorTimes } from "./reflector.ts";
import type { WatchedKind } from "./watched-kinds.ts";

export interface KindMirrorOptions {
  readonly api: KubernetesApi;
  readonly kind: WatchedKind;
  /** Null for all of them. */
  readonly namespaces: readonly string[] | null;
  readonly times: ReflectorTimes;
  readonly random: () => number;
  readonly onEvent: (kind: string, event: string) => void;
  readonly onChange: () => void;
  readonly onPhase: () => void;
}

/** All collections of one kind in one version: one across the cluster, or one for each namespace. */
interface Mirror {
  readonly version: string;
  readonly reflectors: readonly Reflector[];
}

/**
 * The objects of one kind, in whichever version is served. When the version changes, what the old one showed stays
 * until the new one has been listed completely.
 */
export class KindMirror {
  readonly #options: KindMirrorOptions;
  #current: Mirror | null = null;
  #next: Mirror | null = null;
  #isAbsent = false;
  readonly #closing = new Set<Promise<void>>();

  constructor(options: KindMirrorOptions) {
    this.#options = options;
  }

  get kind(): WatchedKind {
    return this.#options.kind;
  }

  /** The version whose objects are seen; null when none is served. */
  get version(): string | null {
    return this.#next?.version ?? this.#current?.version ?? null;
  }

  /** Whether its objects are known: listed at least once, or not served at all. */
  get isKnown(): boolean {
    if (this.#isAbsent) return true;
    return this.#current !== null && this.#current.reflectors.every((item) => item.hasListed);
  }

  /** Why nothing new is seen. */
  get error(): KubernetesApiError | null {
    const mirrors = [this.#next, this.#current].filter((item) => item !== null);
    // The old version of a kind is refused on purpose while the new one is being listed.
    const failing = mirrors[0]?.reflectors.find((item) => item.error !== null);
    return failing?.error ?? null;
  }

  *objects(): Generator<ClusterObject, void> {
    for (const { objects } of this.#current?.reflectors ?? []) yield* objects.values();
  }

  problems(): readonly { readonly key: string; readonly reason: string }[] {
    return (this.#current?.reflectors ?? []).flatMap(({ objects }) => objects.problems());
  }

  /** Mirrors this version from now on; null says that the kind is not served any more, so that its objects are gone. */
  use(version: string | null): void {
    if (version === null) {
      if (this.#isAbsent) return;
      this.#isAbsent = true;
      this.#drop(this.#current, this.#next);
      this.#current = null;
      this.#next = null;
      this.#options.onChange();
      return;
    }
    this.#isAbsent = false;
    if (version === this.version) return;
    this.#drop(this.#next);
    this.#next = null;
    if (this.#current?.version === version) return;
    const mirror = this.#open(version);
    if (this.#current === null) this.#current = mirror;
    else this.#next = mirror;
    for (const reflector of mirror.reflectors) reflector.start();
  }

  async close(): Promise<void> {
    this.#drop(this.#current, this.#next);
    await Promise.all(this.#closing);
  }

  #open(version: string): Mirror {
    const { api, kind, namespaces, times, random, onEvent, onPhase } = this.#options;
    const { group, resource, pageLimit } = kind;
    const open = (namespace: string | null, query: Record<string, string>): Reflector =>
      new Reflector({
        api,
        path: collectionPath(group, version, resource, namespace),
        query,
        pageLimit,
        parse: (raw) => parseObject(kind.kind, raw),
        times,
        random,
        onEvent: (event) => onEvent(kind.kind, event),
        onChange: () => this.#onChange(),
        onPhase,
      });
    if (namespaces === null) return { version, reflectors: [open(null, {})] };
    if (kind.kind === "Namespace") {
      const one = (name: string): Reflector =>
        open(null, { fieldSelector: `metadata.name=${name}` });
      return { version, reflectors: namespaces.map(one) };
    }
    if (!kind.isNamespaced) return { version, reflectors: [open(null, {})] };
    return { version, reflectors: namespaces.map((name) => open(name, {})) };
  }

  #onChange(): void {
    const next = this.#next;
    if (next !== null && next.reflectors.every((item) => item.hasListed)) {
      this.#drop(this.#current);
      this.#current = next;
      this.#next = null;
    }
    this.#options.onChange();
  }

  #drop(...mirrors: readonly (Mirror | null)[]): void {
    for (const reflector of mirrors.flatMap((mirror) => mirror?.reflectors ?? [])) {
      const closing = reflector.close().finally(() => this.#closing.delete(closing));
      this.#closing.add(closing);
    }
  }
}
