import { describe, expect, it } from "vitest";
import { histogramText } from "./histogram-text.ts";

describe("histogramText", () => {
  it("adds up what is below each bound, as Prometheus reads it", () => {
    expect(
      histogramText({
        name: "a_seconds",
        help: "Words",
        bounds: [0.001, 1],
        counts: [2, 0, 3],
        sum: 6.5,
      }),
    ).toBe(
      [
        "# HELP a_seconds Words",
        "# TYPE a_seconds histogram",
        'a_seconds_bucket{le="0.001"} 2',
        'a_seconds_bucket{le="1"} 2',
        'a_seconds_bucket{le="+Inf"} 5',
        "a_seconds_sum 6.5",
        "a_seconds_count 5",
        "",
      ].join("\n"),
    );
  });
});
