import { HTTP_LATENCY_BOUNDS_MS } from "#protocol/api/http-figures.ts";
import type { HttpCounts } from "#protocol/relay/events.ts";

/** 1xx to 5xx. */
const CLASSES = 5;

/** One HTTP tunnel's figures since this process started; they only ever grow. */
export class HttpTally {
  readonly #classes = new Array<number>(CLASSES).fill(0);
  readonly #latency = new Array<number>(HTTP_LATENCY_BOUNDS_MS.length + 1).fill(0);
  #latencySumUs = 0;
  readonly #messages = { in: 0, out: 0 };

  /** @param firstByteMs to the head of the answer. */
  answered(status: number, firstByteMs: number): void {
    const statusClass = Math.floor(status / 100) - 1;
    if (statusClass >= 0 && statusClass < CLASSES) increment(this.#classes, statusClass);
    increment(this.#latency, bucketOf(firstByteMs));
    this.#latencySumUs += Math.round(firstByteMs * 1_000);
  }

  addMessages(more: { readonly in: number; readonly out: number }): void {
    this.#messages.in += more.in;
    this.#messages.out += more.out;
  }

  toCounts(): HttpCounts {
    return {
      classes: [...this.#classes],
      latency: [...this.#latency],
      latencySumUs: this.#latencySumUs,
      messages: { ...this.#messages },
    };
  }
}

function increment(counts: number[], index: number): void {
  counts[index] = (counts[index] ?? 0) + 1;
}

/** The first bound that is not below the value; past the last one, the bucket without a bound. */
function bucketOf(ms: number): number {
  let low = 0;
  let high: number = HTTP_LATENCY_BOUNDS_MS.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ms <= (HTTP_LATENCY_BOUNDS_MS[middle] ?? Infinity)) high = middle;
    else low = middle + 1;
  }
  return low;
}
