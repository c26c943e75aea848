import { RE2JS } from "re2js";

/** Characters of one pattern, as the Gateway API bounds a path. */
const TEXT_MAX = 1_024;
/** Instructions of one compiled pattern. `/users/[^/]+/orders` has about 20. */
const SIZE_MAX = 1_000;
/** Instructions after which a pattern's cache, which grows with what it is shown, is dropped: keeps it near 1 MB. */
const CACHED_STEPS_MAX = 50_000;

/** Steps (instructions × characters) that patterns may still take; running out is remembered. */
export class StepBudget {
  #left = 0;
  #isExceeded = false;

  get isExceeded(): boolean {
    return this.#isExceeded;
  }

  refill(steps: number): void {
    this.#left = steps;
    this.#isExceeded = false;
  }

  /** @returns false, and nothing more is granted, once it is used up. */
  take(steps: number): boolean {
    this.#left -= steps;
    if (this.#left < 0) this.#isExceeded = true;
    return !this.#isExceeded;
  }
}

/**
 * A regular expression from a cluster, safe to run in a process that many clusters share: RE2 syntax, so no back
 * references and no look-around, and time linear in the text.
 */
export class LinearPattern {
  readonly #pattern: RE2JS;
  readonly size: number;
  #steps = 0;

  private constructor(pattern: RE2JS) {
    this.#pattern = pattern;
    this.size = pattern.programSize();
  }

  /**
   * @param budget what compiling may cost; takes the size of what came out, even when that is refused.
   * @returns why not, in plain words, when the pattern cannot be used.
   */
  static compile(text: string, budget: StepBudget): LinearPattern | string {
    if (text.length > TEXT_MAX) return `it is longer than ${TEXT_MAX} characters`;
    try {
      const pattern = new LinearPattern(RE2JS.compile(text));
      if (!budget.take(pattern.size))
        return "with it all patterns of the listener are too large together, and none after it matches";
      return pattern.size > SIZE_MAX
        ? "it is too large once its repetitions are written out"
        : pattern;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }

  /** Whether the pattern covers all of the text; false as well when the budget does not allow to look. */
  covers(text: string, budget: StepBudget): boolean {
    const steps = this.size * (text.length + 1);
    if (!budget.take(steps)) return false;
    const isCovered = this.#pattern.testExact(text);
    this.#steps += steps;
    if (this.#steps > CACHED_STEPS_MAX) {
      this.#pattern.reset();
      this.#steps = 0;
    }
    return isCovered;
  }
}
