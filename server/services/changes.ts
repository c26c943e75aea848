/** Something was committed that others show or act on. Says what, not how: whoever cares reads it again. */
export interface Change {
  readonly kind: "tunnel" | "cluster" | "settings" | "tokens" | "audit" | "relay";
  readonly id: string;
  /** Of tunnels: the cluster whose viewers care. */
  readonly clusterId?: string;
  /** The object is gone. */
  readonly isRemoved?: boolean;
}

export type ChangeListener = (change: Change) => void;

/**
 * Carries what services committed to whoever listens, within this process.
 *
 * Published after commit and never before. A lost change is repaired by the periodic reconcile,
 * so listeners may be skipped by a crash, but never see what was rolled back.
 */
export class Changes {
  readonly #listeners = new Set<ChangeListener>();
  readonly #onError: (error: unknown) => void;

  constructor(onError: (error: unknown) => void) {
    this.#onError = onError;
  }

  /** A listener that throws is reported and harms nobody else, least of all the publisher. */
  publish(...changes: readonly Change[]): void {
    for (const change of changes) {
      for (const listener of [...this.#listeners]) {
        try {
          listener(change);
        } catch (error) {
          this.#onError(error);
        }
      }
    }
  }

  /** @returns takes the listener away again. */
  subscribe(listener: ChangeListener): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }
}
