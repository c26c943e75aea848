/** Typed before the palette could show: more than this is not a search. */
export const EARLY_KEYS_MAX = 60;

/** A palette that has not shown by then does not come: the keys are the page's again. Milliseconds. */
export const EARLY_KEYS_MS = 5_000;

type Key = Pick<
  KeyboardEvent,
  "key" | "metaKey" | "ctrlKey" | "altKey" | "isComposing" | "timeStamp"
>;

/** Keeps what is typed between the shortcut and the moment the palette's field is there to take it. */
export class EarlyKeys {
  #since: number | null = null;
  #text = "";

  /** @param at when the palette was asked for, on the clock of events; null: it was dismissed, or is there */
  reset(at: number | null): void {
    this.#since = at;
    this.#text = "";
  }

  /** @returns true when the key was kept, and must do nothing else */
  take({ key, metaKey, ctrlKey, altKey, isComposing, timeStamp }: Key): boolean {
    if (this.#since === null || timeStamp - this.#since > EARLY_KEYS_MS) return false;
    if (metaKey || ctrlKey || altKey || isComposing) return false;
    if (key === "Backspace") this.#text = this.#text.slice(0, -1);
    else if (key.length !== 1) return false;
    else if (this.#text.length < EARLY_KEYS_MAX) this.#text += key;
    return true;
  }

  /** Gives what was typed, once, to the field that takes it from here on. */
  handOver(): string {
    const text = this.#text;
    this.reset(null);
    return text;
  }
}
