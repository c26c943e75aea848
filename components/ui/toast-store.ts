/** How long *Undo* stays. */
export const UNDO_MS = 8_000;
const PLAIN_MS = 5_000;
/** More at once would hide the page; the oldest goes. */
export const TOASTS_MAX = 3;

export interface ToastSpec {
  /** What happened, one sentence. */
  readonly title: string;
  readonly detail?: string;
  readonly tone?: "neutral" | "danger";
  /** What it is about: a newer toast on the same matter takes this one's place. */
  readonly about?: string;
  /** Reverses it; the toast then stays for 8 s. */
  readonly onUndo?: () => void;
}

export interface Toast extends ToastSpec {
  readonly id: number;
  readonly durationMs: number;
}

/** The toasts on show, outside of React so that anything may add one. */
export class ToastStore {
  #toasts: readonly Toast[] = [];
  #nextId = 1;
  readonly #listeners = new Set<() => void>();

  get = (): readonly Toast[] => this.#toasts;

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Whether there ever was one. */
  get hasShown(): boolean {
    return this.#nextId > 1;
  }

  show(spec: ToastSpec): number {
    const id = this.#nextId;
    this.#nextId += 1;
    const durationMs = spec.onUndo === undefined ? PLAIN_MS : UNDO_MS;
    const others = this.#toasts.filter(({ about }) => about === undefined || about !== spec.about);
    this.#set([...others, { ...spec, id, durationMs }].slice(-TOASTS_MAX));
    return id;
  }

  dismiss(id: number): void {
    this.#set(this.#toasts.filter((toast) => toast.id !== id));
  }

  #set(toasts: readonly Toast[]): void {
    this.#toasts = toasts;
    for (const listener of [...this.#listeners]) listener();
  }
}

export const toasts = new ToastStore();

/** Shows a toast; with `onUndo` it offers to take the action back for 8 s. */
export function showToast(spec: ToastSpec): void {
  toasts.show(spec);
}
