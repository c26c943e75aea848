"use client";

import { useState } from "react";
import { ratesBetween, type Sample } from "./rates-between.ts";

/**
 * How fast counters grow, from one look at them to the next.
 *
 * @param sample  what the newest look saw; the same `at` is the same look
 * @returns       each a second; null before the second look
 */
export function useRates<K extends string>(sample: Sample<K>): Record<K, number> | null {
  const [seen, setSeen] = useState<{ sample: Sample<K>; rates: Record<K, number> | null }>({
    sample,
    rates: null,
  });
  if (sample.at > seen.sample.at) setSeen({ sample, rates: ratesBetween(seen.sample, sample) });
  return seen.rates;
}
